import type { Item } from '../../model/index.js';
import { plural } from '../../work/index.js';
import type { Images } from '../images.js';
import { card, itemLine, noImages, tiles } from './grid.js';

/** An item whose label a model doubts. */
export interface Doubt<T extends Item = Item> {
  item: T;
  attribute: string;
  /** What the item says. */
  label: string;
  /** What the model says. */
  predicted: string;
  /** Its probability, from 0 to 1. */
  confidence: number;
}

/**
 * Doubted labels as HTML, for a person to go through: each image, its label → what the model says and how sure it is.
 *
 * @example
 * const suspects = suspectLabels(scored);
 * suspectsHtml(suspects, await imagesOf(suspects.map(({ item }) => item), dataset));
 */
export function suspectsHtml<T extends Item>(suspects: readonly Doubt<T>[], images: Images<T>): string {
  if (suspects.length === 0) return noImages;
  return String(
    tiles(
      150,
      suspects.map((suspect) =>
        card(suspect.item, images.get(suspect.item), [change(suspect), suspect.attribute, sureness(suspect)]),
      ),
    ),
  );
}

/** The same for a terminal, a line each. */
export const suspectsText = (suspects: readonly Doubt[]): string =>
  [
    plural(suspects.length, 'label'),
    ...suspects.map((suspect) =>
      itemLine(suspect.item, `${suspect.attribute} ${change(suspect)} ${sureness(suspect)}`),
    ),
  ].join('\n');

const change = ({ label, predicted }: Doubt): string => `${label} → ${predicted}`;
const sureness = ({ confidence }: Doubt): string => `${Math.round(100 * confidence)}%`;
