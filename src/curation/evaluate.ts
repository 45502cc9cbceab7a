import { type AttributeEvaluation, evaluateAttribute, type Item } from '../model/index.js';
import { decisionsOf } from './decisions.js';
import type { Scored } from './scored.js';

/** How well a model predicts each attribute of some items. The images of a confusion are indices of the items. */
export interface Evaluation<T extends Item = Item> {
  attributes: readonly AttributeEvaluation[];
  items: readonly T[];
}

/**
 * Compares a model's predictions with the items' own labels: accuracy, top-5 accuracy, macro-F1, the majority baseline,
 * calibration error, confusions. Attributes for which no item has a label are left out.
 * Where several labels may hold at once, each label is evaluated by itself, as `attribute: label` with `no` and `yes`.
 *
 * @example
 * const scored = await score(await loadModel(), shoes.rows, { data: (row) => shoes.image(row) });
 * const { attributes } = evaluate(scored);
 * for (const { attribute, accuracy, majority } of attributes) console.log(attribute, accuracy, majority);
 */
export function evaluate<T extends Item>(scored: Scored<T>): Evaluation<T> {
  const attributes = decisionsOf(scored, scored.model.attributes).map(({ name, labels, given, scores }) =>
    evaluateAttribute(name, labels, given, scores),
  );
  return { attributes: attributes.filter(({ images }) => images > 0), items: scored.items };
}
