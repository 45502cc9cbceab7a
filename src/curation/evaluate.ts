import { type AttributeEvaluation, evaluateAttribute, type Item, labelOf } from '../model/index.js';
import type { Scored } from './scored.js';

/** How well a model finds each attribute of some items. The images of a confusion are indices into the items. */
export interface Evaluation<T extends Item = Item> {
  attributes: readonly AttributeEvaluation[];
  items: readonly T[];
}

/**
 * Compares what the model says with the items' own labels: accuracy, top-5, macro-F1, the majority baseline,
 * calibration error, confusions. Attributes that no item has are left out.
 *
 * @example
 * const { attributes } = evaluate(await score(model, dataset.rows, { data }));
 * console.table(attributes.map(({ attribute, accuracy, macroF1, majority }) => ({ attribute, accuracy, macroF1, majority })));
 */
export function evaluate<T extends Item>({ model, items, scores }: Scored<T>): Evaluation<T> {
  const attributes = model.attributes.map(({ name, labels }) =>
    evaluateAttribute(
      name,
      labels,
      items.map((item) => labelOf(item, name)),
      scores[name] ?? new Float32Array(),
    ),
  );
  return { attributes: attributes.filter(({ images }) => images > 0), items };
}
