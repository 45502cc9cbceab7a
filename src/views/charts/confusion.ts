import { sum } from 'd3-array';
import type { AttributeEvaluation } from '../../model/index.js';
import { briefCount, count, percent, plural } from '../../work/index.js';
import { checkLimit } from '../limit.js';
import type { Figure } from './figure.js';
import { type HeatmapTrace, heatmapFigure } from './heatmap.js';

/**
 * A confusion matrix: a row for each label given, a column for each label predicted, the most frequent first, the rest
 * together as `(84 others)`. Cells hold counts of images, and their colour is the share of the row; cells in which
 * prediction and label agree are outlined.
 *
 * @param limit - How many labels at most have a row of their own (default 20).
 *
 * @example
 * import { evaluateAttribute } from '../../model/index.js';
 * const evaluation = evaluateAttribute('season', ['Summer', 'Winter'], ['Summer'], Float32Array.of(0.1, 0.9));
 * await writeFile('confusion.svg', figureSvg(confusionFigure(evaluation)));
 */
export function confusionFigure(
  evaluation: AttributeEvaluation,
  { limit = 20 }: { limit?: number } = {},
): Figure<HeatmapTrace> {
  const { attribute, images, accuracy, labels, confusion } = evaluation;
  const given = confusion.map((row) => sum(row));
  const predicted = labels.map((_, column) => sum(confusion.map((row) => row[column] ?? 0)));
  const order = labels
    .map((label, index) => ({ label, indices: [index], given: given[index] ?? 0, predicted: predicted[index] ?? 0 }))
    .filter((shown) => shown.given + shown.predicted > 0)
    .sort((a, b) => b.given - a.given || b.predicted - a.predicted);
  checkLimit(limit);
  const [shown, rest] = order.length > limit + 1 ? [order.slice(0, limit), order.slice(limit)] : [order, []];
  const groups: { label: string; indices: readonly number[] }[] = [...shown];
  if (rest.length > 0) {
    groups.push({ label: `(${plural(rest.length, 'other')})`, indices: rest.flatMap(({ indices }) => indices) });
  }
  const counts = groups.map((row) =>
    groups.map((column) => sum(row.indices.flatMap((i) => column.indices.map((j) => confusion[i]?.[j] ?? 0)))),
  );
  const at = (row: number, column: number) => counts[row]?.[column] ?? 0;
  const total = (row: number) => sum(counts[row] ?? []);
  const share = (row: number, column: number) => at(row, column) / Math.max(1, total(row));
  const names = groups.map(({ label }) => label);
  return heatmapFigure({
    title: `${attribute}: ${percent(accuracy)} of ${plural(images, 'image')} right`,
    rows: names,
    columns: names,
    values: groups.map((_, row) => groups.map((_, column) => share(row, column))),
    greatest: 1,
    text: (row, column) => (at(row, column) === 0 ? '' : count(at(row, column))),
    brief: (row, column) => (at(row, column) === 0 ? '' : briefCount(at(row, column))),
    hover: (row, column) => [
      `given ${names[row]}`,
      `predicted ${names[column]}`,
      `${count(at(row, column))} of ${count(total(row))} (${percent(share(row, column))})`,
    ],
    // A rare label predicted as another rare label is wrong, though both count as others.
    outlined: (row, column) => row === column && row < shown.length,
    axes: { rows: 'given', columns: 'predicted (colour: share of the row)' },
  });
}
