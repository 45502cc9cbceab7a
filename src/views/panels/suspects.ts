import { groups } from 'd3-array';
import type { Suspect } from '../../curation/index.js';
import type { Item } from '../../model/index.js';
import { percent, plural } from '../../work/index.js';
import { type Html, html } from '../html.js';
import type { Images } from '../images.js';
import { card, chosen, itemLine, noImages, noteHtml, productName, tiles } from './grid.js';
import { type Paging, pageOf } from './paging.js';

/** An item with all of its labels that are suspect. */
interface Suspected<T extends Item> {
  item: T;
  labels: readonly Suspect<T>[];
}

/** How many items are shown at most. */
const itemLimit = 50;

/** The items of one page, in the order of their first suspect labels, and what to say of the others. */
export function suspectPage<T extends Item>(
  suspects: readonly Suspect<T>[],
  { limit = itemLimit, ...paging }: Paging = {},
): { items: Suspected<T>[]; note: string } {
  const all = groups(suspects, ({ item }) => item).map(([item, labels]) => ({ item, labels }));
  const { numbers, note } = pageOf(all.length, { limit, ...paging }, 'images');
  return { items: chosen(all, numbers), note };
}

/**
 * Suspect labels as HTML, for a person to check: a card for each item, with a line for each of its labels, `season
 * Summer → Winter 98%`, the last the model's confidence. 50 items (`limit`) or those of a `page`.
 *
 * @example
 * const suspects = suspectLabels(scored);
 * suspectsHtml(suspects, await readImages(suspects.map(({ item }) => item), shoes));
 */
export function suspectsHtml<T extends Item>(
  suspects: readonly Suspect<T>[],
  images: Images<T>,
  paging?: Paging,
): string {
  if (suspects.length === 0) return noImages;
  const { items, note } = suspectPage(suspects, paging);
  const cards = items.map(({ item, labels }) => card(item, images.get(item), productName(item), labels.map(labelLine)));
  return String(html`${tiles(150, cards)}${noteHtml(note)}`);
}

function labelLine(suspect: Suspect): Html {
  const { attribute, label, predicted } = suspect;
  return html`<span style="opacity:0.65">${attribute}</span> ${label} → ${predicted} ${confidenceText(suspect)}`;
}

/** Suspect labels as text for a terminal, a line for each item. */
export function suspectsText(suspects: readonly Suspect[], paging?: Paging): string {
  const { items, note } = suspectPage(suspects, paging);
  const lines = items.map(({ item, labels }) => {
    const changes = labels.map(
      (suspect) => `${suspect.attribute} ${suspect.label} → ${suspect.predicted} ${confidenceText(suspect)}`,
    );
    return itemLine(item, changes.join(', '));
  });
  return [plural(suspects.length, 'label'), ...lines, ...(note === '' ? [] : [note])].join('\n');
}

const confidenceText = ({ confidence }: Suspect): string => percent(confidence, 0);
