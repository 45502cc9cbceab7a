import { bin, bisectRight, extent, nice, range, sum } from 'd3-array';
import { count, percent, plural } from '../../work/index.js';
import { type Columns, column, numberColumn, type Tabular, toColumns } from '../columns.js';
import { blue, categoryColours, grey } from '../palette.js';
import type { Chart } from './chart.js';
import {
  type Annotation,
  chartLayout,
  type Figure,
  invisibleTicks,
  labelsWidth,
  plainText,
  plotlyText,
  shortLabel,
  widest,
} from './figure.js';
import { blank, countLabels, type Label, type Labels } from './labels.js';
import { legendLayout, legendMarks } from './legend.js';
import type { CountOptions } from './options.js';
import { rect, write } from './svg.js';

/**
 * One bar per label (https://plotly.com/javascript/reference/bar/): along x with the lengths along y (`v`), or the
 * other way round (`h`). Where there are several traces, their bars are stacked.
 */
export interface BarTrace {
  type: 'bar';
  /** The text in the legend, of bars that are stacked. */
  name?: string;
  orientation: 'h' | 'v';
  x: (string | number)[];
  y: (string | number)[];
  text: string[];
  textposition: 'outside' | 'none';
  cliponaxis: boolean;
  hoverinfo: 'x+y' | 'x+y+name';
  marker: { color: string };
}

/** Pixels; two charts fit side by side on a page. */
const usualWidth = 520;

/** About how many intervals a histogram has; d3 takes the round width that comes nearest. */
const intervalCount = 9;

/**
 * Counts the values of a column: horizontal bars, the longest first; numbers in their own order. Blanks are counted as
 * `(blank)`, the rarest of more than 20 values (`limit`) together as one bar. With a `colour` the bars are divided by
 * the values of another column.
 *
 * @throws PipelineError `show.unknownColumn`
 *
 * @example
 * const figure = barFigure([{ season: 'Fall' }, { season: 'Summer' }, { season: 'Summer' }], 'season');
 * console.log(figure.data[0].y, figure.data[0].x); // ['Summer', 'Fall'], [2, 1]
 */
export function barFigure(tabular: Tabular, field: string, options: CountOptions = {}): Figure<BarTrace> {
  const columns = toColumns(tabular);
  const counted = countLabels(column(columns, field), options.limit, options.sort);
  return barsFigure('h', field, divided(columns, counted, options.colour), options);
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
export function histogramFigure(
  tabular: Tabular,
  field: string,
  options: Omit<CountOptions, 'limit' | 'sort'> = {},
): Figure<BarTrace> {
  const columns = toColumns(tabular);
  const values = numberColumn(columns, field, 'count its values with a bar chart');
  const { labels, indexOf } = intervals(values.filter((value): value is number => Number.isFinite(value)));
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

/** The bars of a chart: their labels and lengths, and what each is divided into. */
interface Bars {
  rows: number;
  labels: readonly Label[];
  /** The column of the colours, with the lengths of each of its values, in the order of the labels. */
  parts?: { column: string; values: { name: string; colour: string; lengths: number[] }[] };
}

function divided(columns: Columns, { labels, indices }: Labels, colour: string | undefined): Bars {
  const { rows } = columns;
  if (colour === undefined) return { rows, labels };
  const groups = countLabels(column(columns, colour), categoryColours.length + 1);
  const values = groups.labels.map(({ label }, i) => ({
    name: label,
    colour: categoryColours[i] ?? grey,
    lengths: labels.map(() => 0),
  }));
  for (const [row, bar] of indices.entries()) {
    const lengths = values[groups.indices[row] ?? 0]?.lengths;
    if (lengths) lengths[bar] = (lengths[bar] ?? 0) + 1;
  }
  return { rows, labels, parts: { column: colour, values } };
}

/** Intervals without their upper end, the last one with it, and which of them a finite number is in. */
function intervals(numbers: readonly number[]): { labels: string[]; indexOf: (value: number) => number } {
  const [low, high] = extent(numbers);
  if (low === undefined) return { labels: [], indexOf: () => -1 };
  if (high - low <= 30 && numbers.every(Number.isSafeInteger))
    return { labels: range(low, high + 1).map(String), indexOf: (value) => value - low };
  // Near the largest number, widths and ends would be infinite: then a part of the numbers, which is exact, is binned.
  const scale = Math.max(high, -low) > Number.MAX_VALUE / 16 ? 16 : 1;
  const bins = bin()
    .domain(nice(low / scale, high / scale, intervalCount))
    .thresholds(intervalCount)(numbers.map((number) => number / scale));
  const end = (value = 0) => Math.max(-Number.MAX_VALUE, Math.min(value * scale, Number.MAX_VALUE));
  const starts = bins.map(({ x0 = -Infinity }) => x0);
  return {
    labels: bins.map(({ x0, x1 }) => (x0 === x1 ? String(end(x0)) : `${end(x0)}–${end(x1)}`)),
    indexOf: (value) => Math.max(0, bisectRight(starts, value / scale) - 1),
  };
}

function barsFigure(
  orientation: 'h' | 'v',
  field: string,
  { rows, labels: counted, parts }: Bars,
  { share = false, title = `${field} (${plural(rows, 'row')})`, ...size }: CountOptions,
): Figure<BarTrace> {
  const labels = counted.map(({ label }) => plotlyText(label));
  const length = (n: number) => (share ? n / Math.max(1, rows) : n);
  const text = (n: number) => (share ? percent(length(n)) : count(n));
  const horizontal = orientation === 'h';
  const written = horizontal || counted.length <= 20;
  const trace = (
    lengths: number[],
    own: Pick<BarTrace, 'name' | 'marker' | 'textposition' | 'hoverinfo'>,
  ): BarTrace => ({
    type: 'bar',
    orientation,
    x: horizontal ? lengths.map(length) : labels,
    y: horizontal ? labels : lengths.map(length),
    text: lengths.map(text),
    cliponaxis: false,
    ...own,
  });
  const whole = trace(
    counted.map(({ n }) => n),
    { textposition: written ? 'outside' : 'none', hoverinfo: 'x+y', marker: { color: blue } },
  );
  const [first = whole, ...others] =
    parts?.values.map(({ name, colour, lengths }) =>
      trace(lengths, {
        name: plotlyText(name),
        textposition: 'none',
        hoverinfo: 'x+y+name',
        marker: { color: colour },
      }),
    ) ?? [];
  const totals = counted.map(({ n }, i): Annotation => {
    const [label = ''] = [labels[i]];
    const at = horizontal ? { x: length(n), y: label } : { x: label, y: length(n) };
    return {
      ...at,
      text: text(n),
      showarrow: false,
      xanchor: horizontal ? 'left' : 'center',
      yanchor: horizontal ? 'middle' : 'bottom',
    };
  });
  const fits = (usualWidth - 20) / Math.max(1, counted.length) > 10 + labelsWidth(counted.map(({ label }) => label));
  const legend = legendLayout(parts?.column, parts?.values.map(({ name }) => name) ?? []);
  const labelAxis = { type: 'category', automargin: true, ...invisibleTicks, showgrid: false };
  const lengthAxis = {
    visible: false,
    rangemode: 'tozero',
    fixedrange: true,
    ...(share && { hoverformat: '.1%' }),
    // A number that is an annotation has no room of its own.
    ...(parts && { range: [0, 1.12 * length(Math.max(1, ...counted.map(({ n }) => n)))] as [number, number] }),
  };
  const { width = usualWidth + legend.width, height = horizontal ? 64 + 22 * Math.max(1, counted.length) : 260 } = size;
  return {
    data: [first, ...others],
    layout: chartLayout(title, {
      width,
      height,
      margin: { l: 10, r: 50 + legend.width, t: 44, b: horizontal ? 16 : 40 },
      bargap: 0.2,
      xaxis: horizontal ? lengthAxis : { ...labelAxis, ...(fits && { tickangle: 0 }) },
      yaxis: horizontal ? { ...labelAxis, autorange: 'reversed' } : lengthAxis,
      ...(parts && { barmode: 'stack', ...(written && { annotations: totals }), ...legend.layout }),
    }),
  };
}

/** Bar charts and histograms. */
export const bars: Chart<BarTrace> = {
  is: (figure): figure is Figure<BarTrace> => figure.data[0].type === 'bar',

  drawing(figure) {
    const bars = readBars(figure);
    const draw = figure.data[0].orientation === 'h' ? horizontal : vertical;
    const colours = figure.data.map(({ name = '', marker }) => ({ name, colour: marker.color }));
    return {
      description: bars.map(({ label, text, n }) => `${label} ${text || n}`).join(', '),
      marks: [...draw(figure, bars), ...legendMarks(colours, figure.layout)],
    };
  },

  /** Each colour of a bar has a letter, explained below. */
  text({ data, layout, ...figure }, width) {
    const bars = readBars({ data, layout, ...figure });
    const most = longest(bars);
    const labelWidth = widest(bars.map(({ label }) => label));
    const letters = data.map((_, i) => (layout.legend === undefined ? '█' : String.fromCharCode(97 + i)));
    const lines = bars.map(({ label, n, text, parts }) => {
      const cells = Math.max(n > 0 ? 1 : 0, Math.round((width * n) / most));
      const ends = stacked(parts).map(({ from, length }) => Math.round((cells * (from + length)) / (n || 1)));
      const bar = ends.map((end, i) => (letters[i] ?? '').repeat(end - (ends[i - 1] ?? 0))).join('');
      return `  ${label.padEnd(labelWidth)}  ${bar} ${text}`;
    });
    if (layout.legend === undefined) return lines;
    const names = data.map(({ name = '' }, i) => `${letters[i]} ${plainText(name)}`);
    return [...lines, `  ${plainText(layout.legend.title.text)}: ${names.join(', ')}`];
  },
};

/** A bar of a figure: its label, its length, that as text, and the lengths that it is divided into, one per trace. */
interface Bar {
  label: string;
  n: number;
  text: string;
  parts: number[];
}

/** The bars of a figure. */
export function readBars({ data, layout: { annotations } }: Figure<BarTrace>): Bar[] {
  const [{ orientation, x, y, text }] = data;
  return (orientation === 'h' ? y : x).map((label, i) => {
    const parts = data.map((trace) => Number((orientation === 'h' ? trace.x : trace.y)[i]));
    const written = data.length === 1 ? text[i] : annotations?.[i]?.text;
    return { label: plainText(String(label)), n: sum(parts), text: written ?? '', parts };
  });
}

/** Where the lengths begin and end when one is put after the other. */
const stacked = (lengths: readonly number[]): { from: number; length: number }[] =>
  lengths.map((length, i) => ({ from: sum(lengths.slice(0, i)), length }));

function horizontal({ data, layout }: Figure<BarTrace>, bars: readonly Bar[]): string[] {
  const { width, height, margin, bargap = 0 } = layout;
  const left = 14 + labelsWidth(bars.map(({ label }) => label));
  const pitch = (height - margin.t - margin.b) / Math.max(1, bars.length);
  const scale = (width - left - margin.r) / longest(bars);
  return bars.map(({ label, n, text, parts }, i) => {
    const middle = margin.t + (i + 0.5) * pitch;
    const thick = pitch * (1 - bargap);
    const marks = stacked(parts).map(({ from, length }, trace) =>
      mark(data[trace], left + from * scale, middle - thick / 2, length * scale, thick),
    );
    return [
      write(left - 6, middle + 4, shortLabel(label), 'end'),
      ...marks,
      write(left + n * scale + 4, middle + 4, text),
    ].join('');
  });
}

function vertical({ data, layout }: Figure<BarTrace>, bars: readonly Bar[]): string[] {
  const { width, height, margin, bargap = 0 } = layout;
  const pitch = (width - margin.l - (layout.legend ? margin.r : margin.l)) / Math.max(1, bars.length);
  const bottom = height - margin.b;
  const scale = (bottom - margin.t - 14) / longest(bars);
  // Where the labels would touch each other, only every second, third, … is written.
  const every = Math.ceil((10 + labelsWidth(bars.map(({ label }) => label))) / pitch);
  const numbers = data[0].textposition === 'outside' || layout.annotations !== undefined;
  return bars.map(({ label, n, text, parts }, i) => {
    const middle = margin.l + (i + 0.5) * pitch;
    const thick = pitch * (1 - bargap);
    const marks = stacked(parts).map(({ from, length }, trace) =>
      mark(data[trace], middle - thick / 2, bottom - (from + length) * scale, thick, length * scale),
    );
    const above = numbers ? write(middle, bottom - n * scale - 4, text, 'middle') : '';
    const below = i % every > 0 ? '' : write(middle, bottom + 16, label, 'middle');
    return [...marks, above, below].join('');
  });
}

const longest = (bars: readonly Bar[]): number => Math.max(0, ...bars.map(({ n }) => n)) || 1;

const mark = (trace: BarTrace | undefined, x: number, y: number, width: number, height: number): string =>
  trace === undefined ? '' : rect(x, y, width, height, `fill="${trace.marker.color}"`);
