import { type Item, labelOf } from '../model/index.js';
import { attributesNamed } from './attributes.js';
import type { Scored } from './scored.js';

/** A label that the model doubts. */
export interface Suspect<T extends Item = Item> {
  item: T;
  attribute: string;
  /** The label given. */
  label: string;
  /** The likeliest label. */
  predicted: string;
  /** The probability of the predicted label. */
  confidence: number;
  /** The probability of the label given; 0 for one that the model does not know. */
  given: number;
  /**
   * From 0 to 1: how much more is said for the predicted label than for the given one, seen how sure the model mostly
   * is of the latter.
   */
  score: number;
}

/** Which labels are suspected. */
export interface SuspectOptions {
  /** Default all that the model predicts. */
  attributes?: readonly string[] | undefined;
  /** How many to give at most; default 100. */
  limit?: number | undefined;
}

/**
 * The labels most likely to be wrong, first: those that the model confidently disagrees with. What it gives a label is
 * divided by what it gives that label on average where it stands, so that labels which are hard to tell do not flood
 * the list; this is the self-confidence of confident learning, normalised by class (Northcutt et al. 2021,
 * https://arxiv.org/abs/1911.00068).
 *
 * Works best on images that the model was not trained on: of those it was, it may have learnt the wrong labels.
 *
 * @throws PipelineError `curation.unknownAttribute`.
 *
 * @example
 * const scored = await score(await loadModel(), dataset.rows, { data: (row) => dataset.image(row) });
 * console.table(suspectLabels(scored, { limit: 20 }).map(({ item, ...suspect }) => ({ id: item.id, ...suspect })));
 */
export function suspectLabels<T extends Item>(
  scored: Scored<T>,
  { attributes, limit = 100 }: SuspectOptions = {},
): Suspect<T>[] {
  const known = scored.model.attributes;
  return attributesNamed(known, attributes ?? known.map(({ name }) => name))
    .flatMap((attribute) => disagreements(scored, attribute))
    .sort((a, b) => b.score - a.score || b.confidence - a.confidence)
    .slice(0, limit);
}

/** Every label of one attribute that is not the likeliest one. */
function disagreements<T extends Item>(
  { items, scores }: Scored<T>,
  { name, labels }: Scored['model']['attributes'][number],
): Suspect<T>[] {
  const indices = new Map(labels.map((label, index) => [label, index]));
  const labelled = items.flatMap((item, i) => {
    const label = labelOf(item, name);
    if (label === undefined) return [];
    const row = scores[name]?.subarray(i * labels.length, (i + 1) * labels.length) ?? new Float32Array();
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
  // With one average image more: the only image of a label, given a low probability, would else be as expected.
  const expected = sums.map((sum) => (sum.given + mean) / (sum.count + 1));
  return labelled.flatMap(({ item, label, index, row, given }) => {
    const confidence = row.reduce((a, b) => Math.max(a, b), 0);
    const best = row.indexOf(confidence);
    if (best === index) return [];
    // Of a label that the model does not know, no more can be said than that the others leave it the rest.
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
