import { count, plural } from '../../work/index.js';
import { column, type Tabular, toColumns } from '../columns.js';
import type { Figure } from './figure.js';
import { type HeatmapTrace, heatmapFigure } from './heatmap.js';
import { countLabels } from './labels.js';

/**
 * How often the values of two columns occur together: those of `x` from the left, those of `y` from the top, the most
 * frequent first, numbers in their own order. Blanks are counted as `(blank)`, the rarest of more than 20 values
 * together as one.
 *
 * @throws PipelineError `show.unknownColumn`
 *
 * @example
 * const rows = [{ type: 'Tie', season: 'Fall' }, { type: 'Tie', season: 'Summer' }, { type: 'Belt', season: 'Fall' }];
 * const [{ x, y, z }] = crosstabFigure(rows, 'season', 'type').data;
 * console.log(x, y, z); // ['Fall', 'Summer'], ['Tie', 'Belt'], [[1, 1], [1, 0]]
 */
export function crosstabFigure(tabular: Tabular, x: string, y: string): Figure<HeatmapTrace> {
  const columns = toColumns(tabular);
  const [across, down] = [countLabels(column(columns, x)), countLabels(column(columns, y))];
  const counts = down.labels.map(() => across.labels.map(() => 0));
  for (let row = 0; row < columns.rows; row++) {
    const line = counts[down.indices[row] ?? 0];
    const at = across.indices[row] ?? 0;
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
