import type { Suspect } from '../../curation/index.js';
import type { Item } from '../../model/index.js';
import { plural } from '../../work/index.js';
import type { Images } from '../images.js';
import { card, itemLine, noImages, tiles } from './grid.js';

/**
 * Suspect labels as HTML, for a person to check: each image with `label → prediction`, the attribute, and the model's
 * confidence in percent.
 *
 * @example
 * const suspects = suspectLabels(scored);
 * suspectsHtml(suspects, await readImages(suspects.map(({ item }) => item), shoes));
 */
export function suspectsHtml<T extends Item>(suspects: readonly Suspect<T>[], images: Images<T>): string {
  if (suspects.length === 0) return noImages;
  return String(
    tiles(
      150,
      suspects.map((suspect) =>
        card(suspect.item, images.get(suspect.item), [change(suspect), suspect.attribute, confidenceText(suspect)]),
      ),
    ),
  );
}

/** Suspect labels as text for a terminal, a line for each. */
export const suspectsText = (suspects: readonly Suspect[]): string =>
  [
    plural(suspects.length, 'label'),
    ...suspects.map((suspect) =>
      itemLine(suspect.item, `${suspect.attribute} ${change(suspect)} ${confidenceText(suspect)}`),
    ),
  ].join('\n');

const change = ({ label, predicted }: Suspect): string => `${label} → ${predicted}`;
const confidenceText = ({ confidence }: Suspect): string => `${Math.round(100 * confidence)}%`;
