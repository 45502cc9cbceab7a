import { type Item, labelOf } from '../model/index.js';
import { attributesNamed } from './attributes.js';
import { checkScored } from './check-scored.js';
import type { Scored } from './scored.js';

/** Items with their blanks filled as far as the model is confident. */
export interface Filled<T extends Item = Item> {
  /**
   * In their original order. An item with a blank filled is a copy, whose `predicted` holds the filled attributes with
   * the model's confidence; the others are the same objects.
   */
  items: readonly (T & { predicted?: Readonly<Record<string, number>> })[];
  /** For each attribute, how many blanks were filled, and how many are left. */
  counts: readonly { attribute: string; filled: number; left: number }[];
}

/**
 * Fills the blanks of some attributes with the likeliest label, where the model is confident enough. It changes no
 * label that an item has. Of a set of labels, all that hold are filled in, with commas between them.
 *
 * @param minConfidence - A blank is filled if the label's probability is this or more, from 0 to 1 (default 0.5).
 * @throws PipelineError `curation.unknownAttribute` where the model does not predict one of the attributes;
 * `curation.notScored` where it is given anything else.
 *
 * @example
 * const scored = await score(model, shoes.rows, { data: (row) => shoes.image(row) });
 * const { items, counts } = fillBlanks(scored, ['season', 'usage'], { minConfidence: 0.8 });
 * console.log(counts); // [{ attribute: 'season', filled: 17, left: 4 }, …]
 * items.find(({ predicted }) => predicted); // { id: 15970, …, season: 'Fall', predicted: { season: 0.93 } }
 */
export function fillBlanks<T extends Item>(
  scored: Scored<T>,
  attributes: readonly string[],
  { minConfidence = 0.5 }: { minConfidence?: number | undefined } = {},
): Filled<T> {
  checkScored(scored, 'fillBlanks');
  const { model, items, predictions } = scored;
  const counts = attributesNamed(model.attributes, attributes).map(({ name }) => ({
    attribute: name,
    filled: 0,
    left: 0,
  }));
  const filled = items.map((item, i) => {
    const labels: Record<string, string> = {};
    const predicted: Record<string, number> = {};
    for (const count of counts) {
      if (labelOf(item, count.attribute) !== undefined) continue;
      const guess = predictions[i]?.[count.attribute];
      if (guess === undefined || guess.label === '' || guess.confidence < minConfidence) {
        count.left++;
        continue;
      }
      count.filled++;
      labels[count.attribute] = guess.label;
      predicted[count.attribute] = guess.confidence;
    }
    return Object.keys(predicted).length === 0 ? item : { ...item, ...labels, predicted };
  });
  return { items: filled, counts };
}
