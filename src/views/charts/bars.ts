import { count, plural } from '../../work/index.js';
import { column, columnsOf, numbersOf, type Tabular } from '../columns.js';
import { type Figure, invisibleTicks, layoutOf, plainText, plotlyText } from './figure.js';
import { blank, type Label, labelsOf } from './labels.js';
import { blue } from './palette.js';
import { edgeText, extentOf, roundStep } from './ticks.js';

/**
 * One bar per label (https://plotly.com/javascript/reference/bar/): along x with the lengths along y (`v`), or the
 * other way round (`h`).
 */
export interface BarTrace {
  type: 'bar';
  orientation: 'h' | 'v';
  x: (string | number)[];
  y: (string | number)[];
  text: string[];
  textposition: 'outside' | 'none';
  cliponaxis: boolean;
  hoverinfo: 'x+y';
  marker: { color: string };
}

/** Pixels; two charts fit side by side on a page. */
const width = 520;

/**
 * Counts the values of a column: horizontal bars, the longest first; numbers in their own order. Blanks are counted as
 * `(blank)`, the rarest of more than 20 values as one bar of others.
 *
 * @throws PipelineError `show.unknownColumn`
 *
 * @example
 * barFigure(dataset.metadata, 'season').data[0].y; // ['Summer', 'Fall', …]
 */
export function barFigure(tabular: Tabular, field: string): Figure<BarTrace> {
  const values = column(columnsOf(tabular), field);
  return figure('h', titleOf(field, values), labelsOf(values).labels);
}

/**
 * Counts the numbers of a column in intervals: one bar per whole number (years) where they span 30 at most, else some
 * 10 bars of a round width. Blanks are counted as `(blank)`, at the end.
 *
 * @throws PipelineError `show.unknownColumn`, or `show.notNumbers` where the column holds anything else.
 *
 * @example
 * histogramFigure(dataset.metadata, 'year').data[0].x; // ['2011', '2012', …]
 */
export function histogramFigure(tabular: Tabular, field: string): Figure<BarTrace> {
  const values = numbersOf(columnsOf(tabular), field, 'count its values with a bar chart');
  const numbers = values.filter((value) => value !== null);
  const bars = intervals(numbers);
  const blanks = values.length - numbers.length;
  if (blanks > 0) bars.push({ label: blank, n: blanks });
  return figure('v', titleOf(field, values), bars);
}

function intervals(numbers: readonly number[]): Label[] {
  if (numbers.length === 0) return [];
  const [low, high] = extentOf(numbers);
  const whole = numbers.every((number) => Number.isInteger(number)) && high - low <= 30;
  const step = whole ? 1 : roundStep((high - low) / 12);
  const first = Math.floor(low / step);
  const bars = Array.from({ length: whole ? high - low + 1 : Math.max(1, Math.ceil(high / step) - first) }, (_, i) => ({
    label: whole ? String(low + i) : `${edgeText((first + i) * step)}–${edgeText((first + i + 1) * step)}`,
    n: 0,
  }));
  for (const number of numbers) {
    // The upper end belongs to the last interval, so that a confidence of 1 needs none of its own.
    const bar = bars[Math.min(Math.floor(number / step) - first, bars.length - 1)];
    if (bar !== undefined) bar.n++;
  }
  return bars;
}

const titleOf = (field: string, values: readonly unknown[]): string => `${field} (${plural(values.length, 'row')})`;

function figure(orientation: 'h' | 'v', title: string, bars: readonly Label[]): Figure<BarTrace> {
  const labels = bars.map(({ label }) => plotlyText(label));
  const lengths = bars.map(({ n }) => n);
  const horizontal = orientation === 'h';
  const ofLabels = { type: 'category', automargin: true, ...invisibleTicks, showgrid: false };
  const ofLengths = { visible: false, rangemode: 'tozero', fixedrange: true };
  return {
    data: [
      {
        type: 'bar',
        orientation,
        x: horizontal ? lengths : labels,
        y: horizontal ? labels : lengths,
        text: lengths.map(count),
        textposition: horizontal || bars.length <= 20 ? 'outside' : 'none',
        cliponaxis: false,
        hoverinfo: 'x+y',
        marker: { color: blue },
      },
    ],
    layout: layoutOf(title, {
      width,
      height: horizontal ? 64 + 22 * Math.max(1, bars.length) : 260,
      margin: { l: 10, r: 50, t: 44, b: horizontal ? 16 : 40 },
      bargap: 0.2,
      xaxis: horizontal ? ofLengths : ofLabels,
      yaxis: horizontal ? { ...ofLabels, autorange: 'reversed' } : ofLengths,
    }),
  };
}

/** What a chart of bars says, for another way to draw it. */
export function barsOf({ data: [trace], layout }: Figure<BarTrace>): {
  title: string;
  bars: { label: string; n: number; text: string }[];
} {
  const [labels, lengths] = trace.orientation === 'h' ? [trace.y, trace.x] : [trace.x, trace.y];
  const bars = labels.map((label, i) => ({
    label: plainText(String(label)),
    n: Number(lengths[i]),
    text: trace.text[i] ?? '',
  }));
  return { title: plainText(layout.title.text), bars };
}
