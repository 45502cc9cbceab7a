import { type AttributeEvaluation, evaluateAttribute, type Item } from '../model/index.js';
import { checkScored } from './check-scored.js';
import { decisionsOf } from './decisions.js';
import { heldOut, placesOf, some } from './held-out.js';
import type { Scored } from './scored.js';

/**
 * How well a model predicts each attribute of some items, on images that it was not trained on. Where it was trained on
 * all of them, or its card does not say on which, on all.
 */
export interface Evaluation<T extends Item = Item> {
  attributes: readonly AttributeEvaluation[];
  /** The items that were evaluated; the images of a confusion are their indices. */
  items: readonly T[];
  /**
   * Whether the model was trained on none of them: false where it was trained on all, undefined where its card does not
   * say.
   */
  heldOut?: boolean | undefined;
  /**
   * The images that the model was trained on, by themselves: how well it remembers them, not how good it is. Undefined
   * where its card does not say which they are.
   */
  trainedOn?: { images: number; attributes: readonly AttributeEvaluation[] } | undefined;
}

/**
 * Compares a model's predictions with the items' own labels: accuracy, top-5 accuracy, macro-F1, the majority baseline,
 * calibration error, confusions. Images that the model was trained on are left out, and evaluated by themselves.
 * Attributes for which no item has a label are left out.
 * Where several labels may hold at once, each label is evaluated by itself, as `attribute: label` with `no` and `yes`.
 *
 * @throws PipelineError `curation.notScored` where it is given anything else.
 *
 * @example
 * const scored = await score(await loadModel(), shoes.rows, { data: (row) => shoes.image(row) });
 * const { attributes } = evaluate(scored);
 * for (const { attribute, accuracy, majority } of attributes) console.log(attribute, accuracy, majority);
 */
export function evaluate<T extends Item>(scored: Scored<T>): Evaluation<T> {
  checkScored(scored, 'evaluate');
  const { items, trainedOn } = scored;
  if (!trainedOn) return { attributes: attributesOf(scored), items };
  const images = trainedOn.filter((known) => known).length;
  const of = {
    images,
    attributes: attributesOf(
      some(
        scored,
        placesOf(scored).filter((i) => trainedOn[i] === true),
      ),
    ),
  };
  if (images > 0 && images === items.length) return { attributes: of.attributes, items, heldOut: false, trainedOn: of };
  const held = heldOut(scored);
  return { attributes: attributesOf(held), items: held.items, heldOut: true, trainedOn: of };
}

const attributesOf = (scored: Scored): AttributeEvaluation[] =>
  decisionsOf(scored, scored.model.attributes)
    .map(({ name, labels, given, scores }) => evaluateAttribute(name, labels, given, scores))
    .filter(({ images }) => images > 0);
