import type { AttributeEvaluation } from '../../model/index.js';
import { count, percent, plural } from '../../work/index.js';
import type { Figure } from './figure.js';
import { type HeatmapTrace, heatmapFigure } from './heatmap.js';

/**
 * What was taken for what: a row for each label given, a column for each predicted, the most frequent first, the rest
 * as `(84 others)`. Colours are shares of the row, the cells hold counts; where prediction and label agree they are
 * outlined.
 *
 * @param most - Labels with a row of their own (default 20).
 *
 * @example
 * const { attributes } = evaluate(scored);
 * await writeFile('confusion.svg', figureSvg(confusionFigure(attributes[3])));
 */
export function confusionFigure(
  evaluation: AttributeEvaluation,
  { most = 20 }: { most?: number } = {},
): Figure<HeatmapTrace> {
  const { attribute, images, accuracy, labels, confusion } = evaluation;
  const given = confusion.map(sum);
  const predicted = labels.map((_, column) => sum(confusion.map((row) => row[column] ?? 0)));
  const order = labels
    .map((label, index) => ({ label, of: [index], given: given[index] ?? 0, predicted: predicted[index] ?? 0 }))
    .filter((shown) => shown.given + shown.predicted > 0)
    .sort((a, b) => b.given - a.given || b.predicted - a.predicted);
  const [shown, rest] = order.length > most + 1 ? [order.slice(0, most), order.slice(most)] : [order, []];
  const groups: { label: string; of: readonly number[] }[] = [...shown];
  if (rest.length > 0) groups.push({ label: `(${plural(rest.length, 'other')})`, of: rest.flatMap(({ of }) => of) });
  const counts = groups.map((row) =>
    groups.map((column) => sum(row.of.flatMap((i) => column.of.map((j) => confusion[i]?.[j] ?? 0)))),
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
    hover: (row, column) => [
      `given ${names[row]}`,
      `predicted ${names[column]}`,
      `${count(at(row, column))} of ${count(total(row))} (${percent(share(row, column))})`,
    ],
    // Others taken for others are not all right.
    outlined: (row, column) => row === column && row < shown.length,
    axes: { rows: 'given', columns: 'predicted (colour: share of the row)' },
  });
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
