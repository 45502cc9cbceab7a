import type { Item } from '../../model/index.js';
import { count, plural } from '../../work/index.js';
import { html } from '../html.js';
import type { Images } from '../images.js';
import { card, cardSection, image, itemLine, nameOf, tiles } from './grid.js';

/** An item and how near its image is to another: a cosine similarity, at most 1. */
export interface Neighbour<T extends Item = Item> {
  item: T;
  similarity: number;
}

/**
 * An image and those nearest to it as HTML, with their similarities.
 *
 * @param query - An item, or an encoded image of your own.
 *
 * @example
 * const [query] = scored.items;
 * const found = similar(scored, query.id, { n: 8 });
 * similarHtml(query, found, await imagesOf([query, ...found.map(({ item }) => item)], dataset));
 */
export function similarHtml<T extends Item>(
  query: T | Uint8Array,
  neighbours: readonly Neighbour<T>[],
  images: Images<T>,
): string {
  const asked = query instanceof Uint8Array ? image(query, 'query') : card(query, images.get(query), ['query']);
  const cards = neighbours.map(({ item, similarity }) => card(item, images.get(item), [similarityText(similarity)]));
  return String(html`<div style="display:flex;gap:16px"><div style="flex:none;min-width:100px;margin:8px 0;padding-right:16px;border-right:1px solid #7b7b7b">${asked}</div>
<div style="flex:1">${tiles(100, cards)}</div></div>`);
}

/** The same for a terminal. */
export const similarText = <T extends Item>(query: T | Uint8Array, neighbours: readonly Neighbour<T>[]): string =>
  [
    query instanceof Uint8Array ? 'query' : `query${itemLine(query)}`,
    ...neighbours.map(({ item, similarity }) => itemLine(item, similarityText(similarity))),
  ].join('\n');

/** Items whose images are about the same, and how near the least and the most alike of them are. */
export interface Alike<T extends Item = Item> {
  items: readonly T[];
  lowest: number;
  highest: number;
}

const mostGroups = 20;
const mostItems = 10;

/** The items of a group that are shown. */
const itemsShown = <T extends Item>({ items }: Alike<T>): readonly T[] => items.slice(0, mostItems);

/** The items whose images `groupsHtml` shows. */
export const groupItems = <T extends Item>(
  groups: readonly Alike<T>[],
  { most = mostGroups }: { most?: number } = {},
): T[] => groups.slice(0, most).flatMap(itemsShown);

/**
 * Groups of near duplicates as HTML, a row each of ten images at most.
 *
 * @param most - Groups shown (default 20).
 *
 * @example
 * const groups = await nearDuplicates(scored);
 * groupsHtml(groups, await imagesOf(groupItems(groups), dataset));
 */
export function groupsHtml<T extends Item>(
  groups: readonly Alike<T>[],
  images: Images<T>,
  { most = mostGroups }: { most?: number } = {},
): string {
  if (groups.length === 0) return '<p>No two images look the same.</p>';
  const rows = groups.slice(0, most).map((group) =>
    cardSection(
      heading(group),
      itemsShown(group).map((item) => card(item, images.get(item), nameOf(item))),
    ),
  );
  return String(html`<div>${rows}</div>\n<p>${shownText(groups, most)}</p>`);
}

/** The same for a terminal. */
export const groupsText = (groups: readonly Alike[], { most = mostGroups }: { most?: number } = {}): string =>
  [
    ...groups.slice(0, most).flatMap((group) => [heading(group), ...itemsShown(group).map((item) => itemLine(item))]),
    shownText(groups, most),
  ].join('\n');

const heading = ({ items, lowest, highest }: Alike): string =>
  `${plural(items.length, 'image')}, similarity ` +
  `${[...new Set([lowest, highest].map(similarityText))].join(' to ')}${items.length > mostItems ? `, ${mostItems} shown` : ''}`;
/** As many digits as tell near duplicates apart. */
const similarityText = (similarity: number): string => similarity.toFixed(4);
const shownText = ({ length }: readonly unknown[], most: number): string =>
  length > most ? `${count(most)} of ${plural(length, 'group')}` : plural(length, 'group');
