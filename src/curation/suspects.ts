import type { Item } from '../model/index.js';
import { attributesNamed } from './attributes.js';
import { checkScored } from './check-scored.js';
import { type Decision, decisionsOf } from './decisions.js';
import type { Scored } from './scored.js';

/** A label that is probably wrong, since the model predicts another one. */
export interface Suspect<T extends Item = Item> {
  item: T;
  attribute: string;
  /** The item's own label. */
  label: string;
  /** The label that the model finds likeliest. */
  predicted: string;
  /** The probability of the predicted label, from 0 to 1. */
  confidence: number;
  /** The probability of the item's own label, from 0 to 1; 0 for a label that the model does not know. */
  given: number;
  /**
   * How probable it is that the label is wrong, from 0 to 1: the confidence, against the probability of the own label
   * relative to what the model gives that label on average.
   */
  score: number;
}

/** Which labels are checked, and how many are returned. */
export interface SuspectOptions {
  /** The attributes whose labels are checked (default: all that the model predicts). */
  attributes?: readonly string[] | undefined;
  /** How many suspects at most are returned (default 100). */
  limit?: number | undefined;
}

/**
 * Finds the labels that are most likely to be wrong: those that the model confidently disagrees with, the likeliest
 * first. The probability of an item's own label is divided by its mean over all items with that label, so that labels
 * which the model is seldom sure of do not flood the list. This is the self-confidence of confident learning,
 * normalised by class (Northcutt et al. 2021, https://arxiv.org/abs/1911.00068).
 *
 * Where several labels may hold at once, each is checked by itself, as `attribute: label` with `no` and `yes`.
 *
 * It works best on images that the model was not trained on: it may have learnt the wrong labels of its training
 * images.
 *
 * @throws PipelineError `curation.unknownAttribute` where the model does not predict one of the attributes;
 * `curation.notScored` where it is given anything else.
 *
 * @example
 * const scored = await score(model, shoes.rows, { data: (row) => shoes.image(row) });
 * console.table(suspectLabels(scored, { limit: 20 }).map(({ item, ...suspect }) => ({ id: item.id, ...suspect })));
 */
export function suspectLabels<T extends Item>(
  scored: Scored<T>,
  { attributes, limit = 100 }: SuspectOptions = {},
): Suspect<T>[] {
  checkScored(scored, 'suspectLabels');
  const known = scored.model.attributes;
  return decisionsOf(scored, attributesNamed(known, attributes ?? known.map(({ name }) => name)))
    .flatMap((decision) => disagreements(scored.items, decision))
    .sort((a, b) => b.score - a.score || b.confidence - a.confidence)
    .slice(0, limit);
}

/** All labels of one attribute that differ from the prediction. */
function disagreements<T extends Item>(items: readonly T[], { name, labels, given, scores }: Decision): Suspect<T>[] {
  const indices = new Map(labels.map((label, index) => [label, index]));
  const labelled = items.flatMap((item, i) => {
    const label = given[i];
    if (label === undefined) return [];
    const row = scores.subarray(i * labels.length, (i + 1) * labels.length);
    const index = indices.get(label);
    return [{ item, label, index, row, given: index === undefined ? 0 : (row[index] ?? 0) }];
  });
  const sums = labels.map(() => ({ given: 0, count: 0 }));
  for (const { index, given } of labelled) {
    const sum = index === undefined ? undefined : sums[index];
    if (sum === undefined) continue;
    sum.given += given;
    sum.count++;
  }
  const known = sums.reduce((count, sum) => count + sum.count, 0);
  const mean = sums.reduce((total, sum) => total + sum.given, 0) / Math.max(1, known);
  // One average image is added: without it the only image of a label would always have the expected probability.
  const expected = sums.map((sum) => (sum.given + mean) / (sum.count + 1));
  return labelled.flatMap(({ item, label, index, row, given }) => {
    const confidence = row.reduce((a, b) => Math.max(a, b), 0);
    const best = row.indexOf(confidence);
    if (best === index) return [];
    // A label that the model does not know has no probability; it gets what the predicted label leaves.
    const relative = index === undefined ? (1 - confidence) / (mean || 1) : given / (expected[index] || 1);
    return [
      {
        item,
        attribute: name,
        label,
        predicted: labels[best] ?? '',
        confidence,
        given,
        score: confidence / (confidence + relative),
      },
    ];
  });
}
