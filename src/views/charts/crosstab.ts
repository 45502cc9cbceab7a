import { briefCount, count, percent, plural } from '../../work/index.js';
import { column, type Tabular, toColumns } from '../columns.js';
import type { Figure } from './figure.js';
import { type HeatmapTrace, heatmapFigure } from './heatmap.js';
import { countLabels, type Labels } from './labels.js';
import type { CountOptions } from './options.js';

/**
 * How often the values of two columns occur together: those of `x` from the left, those of `y` from the top, the most
 * frequent first, numbers in their own order. Blanks are counted as `(blank)`, the rarest of more than 20 values
 * (`limit`) together as one. With `share` the cells are shares of their line.
 *
 * @throws PipelineError `show.unknownColumn`
 *
 * @example
 * const rows = [{ type: 'Tie', season: 'Fall' }, { type: 'Tie', season: 'Summer' }, { type: 'Belt', season: 'Fall' }];
 * const [{ x, y, z }] = crosstabFigure(rows, 'season', 'type').data;
 * console.log(x, y, z); // ['Fall', 'Summer'], ['Tie', 'Belt'], [[1, 1], [1, 0]]
 */
export function crosstabFigure(
  tabular: Tabular,
  x: string,
  y: string,
  { limit, sort, share = false, title, width, height }: Omit<CountOptions, 'colour'> = {},
): Figure<HeatmapTrace> {
  const columns = toColumns(tabular);
  const [across, down] = [x, y].map((name) => countLabels(column(columns, name), { column: name, limit, sort })) as [
    Labels,
    Labels,
  ];
  const counts = down.labels.map(() => across.labels.map(() => 0));
  for (let row = 0; row < columns.rows; row++) {
    const line = counts[down.indices[row] ?? 0];
    const at = across.indices[row] ?? 0;
    if (line !== undefined) line[at] = (line[at] ?? 0) + 1;
  }
  const at = (row: number, column: number) => counts[row]?.[column] ?? 0;
  const shareOf = (row: number, column: number) => at(row, column) / Math.max(1, down.labels[row]?.n ?? 0);
  const written = (text: (row: number, column: number) => string) => (row: number, column: number) =>
    at(row, column) === 0 ? '' : text(row, column);
  return heatmapFigure({
    title: title ?? `${y} by ${x} (${plural(columns.rows, 'row')})`,
    size: { width, height },
    rows: down.labels.map(({ label }) => label),
    columns: across.labels.map(({ label }) => label),
    values: share ? counts.map((line, row) => line.map((_, column) => shareOf(row, column))) : counts,
    text: written((row, column) => (share ? percent(shareOf(row, column)) : count(at(row, column)))),
    brief: written((row, column) => (share ? percent(shareOf(row, column), 0) : briefCount(at(row, column)))),
    hover: (row, column) => [
      `${y} ${down.labels[row]?.label}`,
      `${x} ${across.labels[column]?.label}`,
      plural(at(row, column), 'row') + (share ? `, ${percent(shareOf(row, column))} of the line` : ''),
    ],
    axes: { rows: y, columns: x },
  });
}
