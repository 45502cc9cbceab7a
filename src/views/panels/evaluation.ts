import type { Evaluation } from '../../curation/index.js';
import type { AttributeEvaluation } from '../../model/index.js';
import { count, percent, plural } from '../../work/index.js';

/** An evaluation as rows of a table, one per attribute; shares are from 0 to 1. */
export const evaluationRows = (attributes: readonly AttributeEvaluation[]): object[] =>
  attributes.map(({ attribute, images, labels, accuracy, top5, macroF1, majority, calibrationError }) => ({
    attribute,
    images,
    labels: labels.length,
    accuracy,
    top5,
    macroF1,
    majority,
    calibrationError,
  }));

/** Which images an evaluation's figures are of, in a sentence or two. */
export function evaluationBasis({ attributes, items, heldOut, trainedOn }: Evaluation): string {
  if (!trainedOn) return `On ${plural(items.length, 'image')}; the model does not say which of them it was trained on.`;
  const { images } = trainedOn;
  if (images === 0) return `On ${plural(items.length, 'image')}; the model was trained on none of them.`;
  if (!heldOut) return `The model was trained on all ${count(images)} images: on new ones it is not as good as this.`;
  const remembered = trainedOn.attributes.flatMap(({ attribute, accuracy }) => {
    const held = attributes.find((other) => other.attribute === attribute);
    return held ? [{ attribute, accuracy, gap: accuracy - held.accuracy }] : [];
  });
  const [most] = remembered.sort((a, b) => b.gap - a.gap);
  const example = most ? ` (${most.attribute} would be ${percent(most.accuracy)})` : '';
  return (
    `On ${plural(items.length, 'image')} that the model was not trained on; ${count(images)} that it was trained on ` +
    `are left out${example}.`
  );
}
