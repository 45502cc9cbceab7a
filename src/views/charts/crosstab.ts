import { count, plural } from '../../work/index.js';
import { column, columnsOf, type Tabular } from '../columns.js';
import type { Figure } from './figure.js';
import { type HeatmapTrace, heatmapFigure } from './heatmap.js';
import { labelsOf } from './labels.js';

/**
 * How often the values of two columns occur together: those of `x` from the left, those of `y` from the top, the most
 * frequent first, numbers in their own order. Blanks are counted as `(blank)`, the rarest of more than 20 values as one
 * of others.
 *
 * @throws PipelineError `show.unknownColumn`
 *
 * @example
 * crosstabFigure(dataset.metadata, 'season', 'articleType').data[0].z[0]; // of the most frequent type, how many each season
 */
export function crosstabFigure(tabular: Tabular, x: string, y: string): Figure<HeatmapTrace> {
  const columns = columnsOf(tabular);
  const [across, down] = [labelsOf(column(columns, x)), labelsOf(column(columns, y))];
  const counts = down.labels.map(() => across.labels.map(() => 0));
  for (let row = 0; row < columns.rows; row++) {
    const line = counts[down.of[row] ?? 0];
    const at = across.of[row] ?? 0;
    if (line !== undefined) line[at] = (line[at] ?? 0) + 1;
  }
  const at = (row: number, column: number) => counts[row]?.[column] ?? 0;
  return heatmapFigure({
    title: `${y} by ${x} (${plural(columns.rows, 'row')})`,
    rows: down.labels.map(({ label }) => label),
    columns: across.labels.map(({ label }) => label),
    values: counts,
    text: (row, column) => (at(row, column) === 0 ? '' : count(at(row, column))),
    hover: (row, column) => [
      `${y} ${down.labels[row]?.label}`,
      `${x} ${across.labels[column]?.label}`,
      plural(at(row, column), 'row'),
    ],
    axes: { rows: y, columns: x },
  });
}
