import type { DuplicateGroup, Similar } from '../../curation/index.js';
import type { Item } from '../../model/index.js';
import { plural } from '../../work/index.js';
import { html } from '../html.js';
import type { Images } from '../images.js';
import { grey } from '../palette.js';
import { card, cardSection, cardSections, chosen, image, itemLine, noteHtml, productName, tiles } from './grid.js';
import { type Paging, pageOf } from './paging.js';

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
  const first =
    query instanceof Uint8Array
      ? image(query, 'query')
      : card(query, images.get(query), ['query', ...productName(query)]);
  const cards = neighbours.map(({ item, similarity }) =>
    card(item, images.get(item), [similarityText(similarity), ...productName(item)]),
  );
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
/** As many as stand in a line. */
const itemLimit = 6;

/** The items of a group that are shown. */
const itemsShown = <T extends Item>({ items }: DuplicateGroup<T>): readonly T[] => items.slice(0, itemLimit);

/** The groups of one page, and what to say of them all. */
function groupPage<T extends Item>(
  groups: readonly DuplicateGroup<T>[],
  { limit = groupLimit, ...paging }: Paging = {},
): { shown: DuplicateGroup<T>[]; note: string } {
  const { numbers, note } = pageOf(groups.length, { limit, ...paging }, 'groups');
  return { shown: chosen(groups, numbers), note: note || plural(groups.length, 'group') };
}

/** The items whose images `groupsHtml` shows, so that no others need be read. */
export const groupItems = <T extends Item>(groups: readonly DuplicateGroup<T>[], paging?: Paging): T[] =>
  groupPage(groups, paging).shown.flatMap(itemsShown);

/**
 * Groups of near duplicates as HTML: a heading for each, and six of its images at most. 20 groups (`limit`), or those
 * of a `page`.
 *
 * @example
 * const groups = await nearDuplicates(scored);
 * groupsHtml(groups, await readImages(groupItems(groups), shoes));
 */
export function groupsHtml<T extends Item>(
  groups: readonly DuplicateGroup<T>[],
  images: Images<T>,
  paging?: Paging,
): string {
  if (groups.length === 0) return `<p>${noGroups}</p>`;
  const { shown, note } = groupPage(groups, paging);
  const sections = shown.map((group) =>
    cardSection(
      heading(group),
      itemsShown(group).map((item) => card(item, images.get(item), productName(item))),
    ),
  );
  return String(html`${cardSections(sections)}\n${noteHtml(note)}`);
}

/** Groups of near duplicates as text for a terminal. */
export function groupsText(groups: readonly DuplicateGroup[], paging?: Paging): string {
  if (groups.length === 0) return noGroups;
  const { shown, note } = groupPage(groups, paging);
  const lines = shown.flatMap((group) => [heading(group), ...itemsShown(group).map((item) => itemLine(item))]);
  return [...lines, note].join('\n');
}

const noGroups = 'No two images look the same.';

function heading({ items, lowest, highest }: DuplicateGroup): string {
  const range = [...new Set([lowest, highest].map(similarityText))].join(' to ');
  const shown = items.length > itemLimit ? `, ${itemLimit} shown` : '';
  return `${plural(items.length, 'image')}, similarity ${range}${shown}`;
}

/** With as many digits as near duplicates differ in. */
const similarityText = (similarity: number): string => similarity.toFixed(4);
