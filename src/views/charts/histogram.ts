import { bin, bisectRight, extent, nice, range } from 'd3-array';
import { numberColumn, type Tabular, toColumns } from '../columns.js';
import { areNames, numberText } from '../value-text.js';
import { type BarTrace, barsFigure, divided } from './bars.js';
import type { Figure } from './figure.js';
import { blank, type Labels } from './labels.js';
import type { CountOptions } from './options.js';

/** About how many intervals a histogram has; d3 takes the round width that comes nearest. */
const intervalCount = 9;

/**
 * Counts the numbers of a column in intervals: one bar per whole number (years) where they span 30 at most, else about
 * ten bars of a round width. Blanks are counted as `(blank)`, at the end; what is infinite has a bar of its own.
 *
 * @throws PipelineError `show.unknownColumn`, or `show.notNumbers` where the column holds anything else.
 *
 * @example
 * const figure = histogramFigure([{ year: 2011 }, { year: 2013 }, { year: 2013 }], 'year');
 * console.log(figure.data[0].x, figure.data[0].y); // ['2011', '2012', '2013'], [1, 0, 2]
 */
export function histogramFigure(
  tabular: Tabular,
  field: string,
  options: Omit<CountOptions, 'limit' | 'sort'> = {},
): Figure<BarTrace> {
  const columns = toColumns(tabular);
  const values = numberColumn(columns, field, 'count its values with a bar chart');
  const { labels, indexOf } = intervals(
    values.filter((value): value is number => Number.isFinite(value)),
    !areNames(values, field),
  );
  const ends = [
    { label: '-Infinity', value: -Infinity },
    ...labels.map((label) => ({ label, value: undefined })),
    { label: 'Infinity', value: Infinity },
    { label: blank, value: null },
  ];
  const place = (value: number | null) =>
    value !== null && Number.isFinite(value) ? indexOf(value) + 1 : ends.findIndex((end) => end.value === value);
  const indices = values.map(place);
  const counts = ends.map(() => 0);
  for (const index of indices) counts[index] = (counts[index] ?? 0) + 1;
  // An interval without numbers is a gap that is seen; what is infinite or blank is shown only where there is some.
  const shown = ends.map(({ value }, i) => value === undefined || (counts[i] ?? 0) > 0);
  const before = shown.map((_, i) => shown.slice(0, i).filter(Boolean).length);
  const counted: Labels = {
    labels: ends.flatMap(({ label }, i) => (shown[i] ? [{ label, n: counts[i] ?? 0 }] : [])),
    indices: indices.map((index) => before[index] ?? 0),
  };
  return barsFigure('v', field, divided(columns, counted, options.colour), options);
}

/** Intervals without their upper end, the last one with it, and which of them a finite number is in. */
function intervals(
  numbers: readonly number[],
  grouped: boolean,
): { labels: string[]; indexOf: (value: number) => number } {
  const [low, high] = extent(numbers);
  if (low === undefined) return { labels: [], indexOf: () => -1 };
  if (high - low <= 30 && numbers.every(Number.isSafeInteger))
    return { labels: range(low, high + 1).map((value) => numberText(value, grouped)), indexOf: (value) => value - low };
  // Near the largest number, widths and ends would be infinite: then a part of the numbers, which is exact, is binned.
  const scale = Math.max(high, -low) > Number.MAX_VALUE / 16 ? 16 : 1;
  const bins = bin()
    .domain(nice(low / scale, high / scale, intervalCount))
    .thresholds(intervalCount)(numbers.map((number) => number / scale));
  const end = (value = 0) =>
    numberText(Math.max(-Number.MAX_VALUE, Math.min(value * scale, Number.MAX_VALUE)), grouped);
  const starts = bins.map(({ x0 = -Infinity }) => x0);
  return {
    labels: bins.map(({ x0, x1 }) => (x0 === x1 ? end(x0) : `${end(x0)}–${end(x1)}`)),
    indexOf: (value) => Math.max(0, bisectRight(starts, value / scale) - 1),
  };
}
