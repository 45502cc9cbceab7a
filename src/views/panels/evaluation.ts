import type { Evaluation } from '../../curation/index.js';
import type { AttributeEvaluation } from '../../model/index.js';
import { count, percent, plural } from '../../work/index.js';

/** What an evaluation says of each attribute, in this order wherever it is shown; shares are from 0 to 1. */
const columns = {
  attribute: { title: 'attribute', of: ({ attribute }) => attribute },
  images: { title: 'images', of: ({ images }) => images },
  labels: { title: 'labels', of: ({ labels }) => labels.length },
  accuracy: { title: 'accuracy', of: ({ accuracy }) => accuracy, share: true },
  top5: { title: 'top-5', of: ({ top5 }) => top5, share: true },
  macroF1: { title: 'macro-F1', of: ({ macroF1 }) => macroF1, share: true },
  majority: { title: 'majority', of: ({ majority }) => majority, share: true },
  calibrationError: { title: 'calibration error', of: ({ calibrationError }) => calibrationError, share: true },
} satisfies Record<string, { title: string; of(evaluation: AttributeEvaluation): string | number; share?: true }>;

/** The titles of the columns. */
export const evaluationTitles: readonly string[] = Object.values(columns).map(({ title }) => title);

/** What the columns say of an attribute, shares in percent. */
export const evaluationCells = (evaluation: AttributeEvaluation): (string | number)[] =>
  Object.values(columns).map((column) => ('share' in column ? percent(column.of(evaluation)) : column.of(evaluation)));

/** An evaluation as rows of a table, one per attribute. */
export const evaluationRows = (attributes: readonly AttributeEvaluation[]): object[] =>
  attributes.map((evaluation) =>
    Object.fromEntries(Object.entries(columns).map(([name, { of }]) => [name, of(evaluation)])),
  );

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
