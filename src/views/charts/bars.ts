import { bin, extent, nice, range } from 'd3-array';
import { count, plural } from '../../work/index.js';
import { column, numberColumn, type Tabular, toColumns } from '../columns.js';
import { blue } from '../palette.js';
import type { Chart } from './chart.js';
import {
  chartLayout,
  type Figure,
  invisibleTicks,
  labelsWidth,
  plainText,
  plotlyText,
  shortLabel,
  widest,
} from './figure.js';
import { blank, countLabels, type Label } from './labels.js';
import { rect, write } from './svg.js';

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

/** About how many intervals a histogram has; d3 takes the round width that comes nearest. */
const intervalCount = 9;

/**
 * Counts the values of a column: horizontal bars, the longest first; numbers in their own order. Blanks are counted as
 * `(blank)`, the rarest of more than 20 values together as one bar.
 *
 * @throws PipelineError `show.unknownColumn`
 *
 * @example
 * const figure = barFigure([{ season: 'Fall' }, { season: 'Summer' }, { season: 'Summer' }], 'season');
 * console.log(figure.data[0].y, figure.data[0].x); // ['Summer', 'Fall'], [2, 1]
 */
export function barFigure(tabular: Tabular, field: string): Figure<BarTrace> {
  const values = column(toColumns(tabular), field);
  return barsFigure('h', field, values.length, countLabels(values).labels);
}

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
export function histogramFigure(tabular: Tabular, field: string): Figure<BarTrace> {
  const values = numberColumn(toColumns(tabular), field, 'count its values with a bar chart');
  const counted = (label: string, value: number | null): Label[] => {
    const n = values.filter((other) => other === value).length;
    return n > 0 ? [{ label, n }] : [];
  };
  return barsFigure('v', field, values.length, [
    ...counted('-Infinity', -Infinity),
    ...intervals(values.filter((value): value is number => Number.isFinite(value))),
    ...counted('Infinity', Infinity),
    ...counted(blank, null),
  ]);
}

/** Counts finite numbers in intervals without their upper end; the last one includes it. */
function intervals(numbers: readonly number[]): Label[] {
  const [low, high] = extent(numbers);
  if (low === undefined) return [];
  const whole = high - low <= 30 && numbers.every(Number.isInteger);
  if (whole) {
    const years = bin()
      .domain([low, high])
      .thresholds(range(low + 1, high + 1));
    return years(numbers).map(({ x0, length }) => ({ label: String(x0), n: length }));
  }
  // Near the largest number, widths and ends would be infinite: then a part of the numbers, which is exact, is binned.
  const scale = Math.max(high, -low) > Number.MAX_VALUE / 16 ? 16 : 1;
  const bins = bin()
    .domain(nice(low / scale, high / scale, intervalCount))
    .thresholds(intervalCount);
  const end = (value = 0) => Math.max(-Number.MAX_VALUE, Math.min(value * scale, Number.MAX_VALUE));
  return bins(numbers.map((number) => number / scale)).map(({ x0, x1, length }) => ({
    label: x0 === x1 ? String(end(x0)) : `${end(x0)}–${end(x1)}`,
    n: length,
  }));
}

function barsFigure(orientation: 'h' | 'v', field: string, rows: number, bars: readonly Label[]): Figure<BarTrace> {
  const labels = bars.map(({ label }) => plotlyText(label));
  const lengths = bars.map(({ n }) => n);
  const horizontal = orientation === 'h';
  const labelAxis = { type: 'category', automargin: true, ...invisibleTicks, showgrid: false };
  const lengthAxis = { visible: false, rangemode: 'tozero', fixedrange: true };
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
    layout: chartLayout(`${field} (${plural(rows, 'row')})`, {
      width,
      height: horizontal ? 64 + 22 * Math.max(1, bars.length) : 260,
      margin: { l: 10, r: 50, t: 44, b: horizontal ? 16 : 40 },
      bargap: 0.2,
      xaxis: horizontal ? lengthAxis : labelAxis,
      yaxis: horizontal ? { ...labelAxis, autorange: 'reversed' } : lengthAxis,
    }),
  };
}

/** Bar charts and histograms. */
export const bars: Chart<BarTrace> = {
  is: (figure): figure is Figure<BarTrace> => figure.data[0].type === 'bar',

  drawing(figure) {
    const description = readBars(figure)
      .map(({ label, text }) => `${label} ${text}`)
      .join(', ');
    return { description, marks: figure.data[0].orientation === 'h' ? horizontal(figure) : vertical(figure) };
  },

  text(figure, width) {
    const bars = readBars(figure);
    const longest = Math.max(1, ...bars.map(({ n }) => n));
    const labelWidth = widest(bars.map(({ label }) => label));
    return bars.map(({ label, n, text }) => {
      const bar = '█'.repeat(Math.max(n > 0 ? 1 : 0, Math.round((width * n) / longest)));
      return `  ${label.padEnd(labelWidth)}  ${bar} ${text}`;
    });
  },
};

/** The bars of a figure: the label, the length, and the length as text. */
export function readBars({ data: [trace] }: Figure<BarTrace>): { label: string; n: number; text: string }[] {
  const [labels, lengths] = trace.orientation === 'h' ? [trace.y, trace.x] : [trace.x, trace.y];
  return labels.map((label, i) => ({
    label: plainText(String(label)),
    n: Number(lengths[i]),
    text: trace.text[i] ?? '',
  }));
}

function horizontal(figure: Figure<BarTrace>): string[] {
  const bars = readBars(figure);
  const { width, height, margin, bargap = 0 } = figure.layout;
  const left = 14 + labelsWidth(bars.map(({ label }) => label));
  const pitch = (height - margin.t - margin.b) / Math.max(1, bars.length);
  const scale = (width - left - margin.r) / Math.max(1, ...bars.map(({ n }) => n));
  return bars.map(({ label, n, text }, i) => {
    const middle = margin.t + (i + 0.5) * pitch;
    return (
      write(left - 6, middle + 4, shortLabel(label), 'end') +
      mark(figure, left, middle - (pitch * (1 - bargap)) / 2, n * scale, pitch * (1 - bargap)) +
      write(left + n * scale + 4, middle + 4, text)
    );
  });
}

function vertical(figure: Figure<BarTrace>): string[] {
  const bars = readBars(figure);
  const { width, height, margin, bargap = 0 } = figure.layout;
  const pitch = (width - 2 * margin.l) / Math.max(1, bars.length);
  const bottom = height - margin.b;
  const scale = (bottom - margin.t - 14) / Math.max(1, ...bars.map(({ n }) => n));
  // Where the labels would touch each other, only every second, third, … is written.
  const every = Math.ceil((10 + labelsWidth(bars.map(({ label }) => label))) / pitch);
  return bars.map(({ label, n, text }, i) => {
    const middle = margin.l + (i + 0.5) * pitch;
    const bar = mark(figure, middle - (pitch * (1 - bargap)) / 2, bottom - n * scale, pitch * (1 - bargap), n * scale);
    const above = figure.data[0].textposition === 'none' ? '' : write(middle, bottom - n * scale - 4, text, 'middle');
    const below = i % every > 0 ? '' : write(middle, bottom + 16, label, 'middle');
    return bar + above + below;
  });
}

const mark = (figure: Figure<BarTrace>, x: number, y: number, width: number, height: number): string =>
  rect(x, y, width, height, `fill="${figure.data[0].marker.color}"`);
