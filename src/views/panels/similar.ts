import type { DuplicateGroup, Similar } from '../../curation/index.js';
import type { Item } from '../../model/index.js';
import { count, plural } from '../../work/index.js';
import { html } from '../html.js';
import type { Images } from '../images.js';
import { grey } from '../palette.js';
import { card, cardSection, image, itemLine, productName, tiles } from './grid.js';

/**
 * An image and the images most like it as HTML, with their similarities.
 *
 * @param query - An item, or an encoded image.
 *
 * @example
 * const [query] = scored.items;
 * const found = similar(scored, query.id);
 * similarHtml(query, found, await readImages([query, ...found.map(({ item }) => item)], shoes));
 */
export function similarHtml<T extends Item>(
  query: T | Uint8Array,
  neighbours: readonly Similar<T>[],
  images: Images<T>,
): string {
  const first = query instanceof Uint8Array ? image(query, 'query') : card(query, images.get(query), ['query']);
  const cards = neighbours.map(({ item, similarity }) => card(item, images.get(item), [similarityText(similarity)]));
  const style = `flex:none;min-width:100px;margin:8px 0;padding-right:16px;border-right:1px solid ${grey}`;
  return String(html`<div style="display:flex;gap:16px"><div style="${style}">${first}</div>
<div style="flex:1">${tiles(100, cards)}</div></div>`);
}

/** The same as text for a terminal. */
export const similarText = <T extends Item>(query: T | Uint8Array, neighbours: readonly Similar<T>[]): string =>
  [
    query instanceof Uint8Array ? 'query' : `query${itemLine(query)}`,
    ...neighbours.map(({ item, similarity }) => itemLine(item, similarityText(similarity))),
  ].join('\n');

const groupLimit = 20;
const itemLimit = 10;

/** The items of a group that are shown. */
const itemsShown = <T extends Item>({ items }: DuplicateGroup<T>): readonly T[] => items.slice(0, itemLimit);

/** The items whose images `groupsHtml` shows, so that no others need be read. */
export const groupItems = <T extends Item>(
  groups: readonly DuplicateGroup<T>[],
  { limit = groupLimit }: { limit?: number } = {},
): T[] => groups.slice(0, limit).flatMap(itemsShown);

/**
 * Groups of near duplicates as HTML: a heading for each, and ten of its images at most.
 *
 * @param limit - How many groups at most (default 20).
 *
 * @example
 * const groups = await nearDuplicates(scored);
 * groupsHtml(groups, await readImages(groupItems(groups), shoes));
 */
export function groupsHtml<T extends Item>(
  groups: readonly DuplicateGroup<T>[],
  images: Images<T>,
  { limit = groupLimit }: { limit?: number } = {},
): string {
  if (groups.length === 0) return '<p>No two images look the same.</p>';
  const rows = groups.slice(0, limit).map((group) =>
    cardSection(
      heading(group),
      itemsShown(group).map((item) => card(item, images.get(item), productName(item))),
    ),
  );
  return String(html`<div>${rows}</div>\n<p>${shownText(groups, limit)}</p>`);
}

/** Groups of near duplicates as text for a terminal. */
export const groupsText = (
  groups: readonly DuplicateGroup[],
  { limit = groupLimit }: { limit?: number } = {},
): string =>
  [
    ...groups.slice(0, limit).flatMap((group) => [heading(group), ...itemsShown(group).map((item) => itemLine(item))]),
    shownText(groups, limit),
  ].join('\n');

function heading({ items, lowest, highest }: DuplicateGroup): string {
  const range = [...new Set([lowest, highest].map(similarityText))].join(' to ');
  const shown = items.length > itemLimit ? `, ${itemLimit} shown` : '';
  return `${plural(items.length, 'image')}, similarity ${range}${shown}`;
}

/** With as many digits as near duplicates differ in. */
const similarityText = (similarity: number): string => similarity.toFixed(4);
const shownText = ({ length }: readonly unknown[], limit: number): string =>
  length > limit ? `${count(limit)} of ${plural(length, 'group')}` : plural(length, 'group');
