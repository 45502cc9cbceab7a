import { PipelineError } from '../errors.js';
import { count } from '../progress.js';
import { type Tabular, column, columnsOf, plural, valueText } from './columns.js';

/** A chart of bars as Plotly reads it (https://plotly.com/javascript/reference/bar/): values that can be compared. */
export interface Figure {
  data: [BarTrace];
  layout: FigureLayout;
}

/** One bar per label: along x with the lengths along y (`v`), or the other way round (`h`). */
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

/** The part of Plotly's layout that the charts set; sizes are pixels. */
export interface FigureLayout {
  title: { text: string; x: number; xanchor: 'left'; font: { size: number } };
  width: number;
  height: number;
  margin: { l: number; r: number; t: number; b: number };
  bargap: number;
  paper_bgcolor: string;
  plot_bgcolor: string;
  font: { family: string; size: number; color: string };
  xaxis: Record<string, unknown>;
  yaxis: Record<string, unknown>;
}

/** The label under which blanks are counted. */
export const blank = '(blank)';

/** The blue of Okabe and Ito's palette, told apart by colour-blind people and readable on light and dark pages. */
const blue = '#0072B2';
/** Grey with a contrast of 4 to 1 and more on white and on black: the page behind a chart shows through. */
const grey = '#7b7b7b';
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
export function barFigure(tabular: Tabular, field: string): Figure {
  const values = column(columnsOf(tabular), field);
  const counts = new Map<unknown, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const ordered = [...counts].sort(([a, m], [b, n]) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : n - m || valueText(a).localeCompare(valueText(b), 'en'),
  );
  const bars = ordered.map(([value, n]): Bar => ({ label: value === null ? blank : valueText(value), n }));
  return figure('h', titleOf(field, values), bars.length > 20 ? withOthers(bars, 19) : bars);
}

/**
 * Counts the numbers of a column in intervals: one bar per whole number (years) where they span 30 at most, else some 10 bars
 * of a round width. Blanks are counted as `(blank)`, at the end.
 *
 * @throws PipelineError `show.unknownColumn`, or `show.notNumbers` where the column holds anything else.
 *
 * @example
 * histogramFigure(dataset.metadata, 'year').data[0].x; // ['2011', '2012', …]
 */
export function histogramFigure(tabular: Tabular, field: string): Figure {
  const values = column(columnsOf(tabular), field);
  const numbers = values.filter((value): value is number => typeof value === 'number');
  const other = values.find((value) => value !== null && typeof value !== 'number');
  if (other !== undefined) {
    const message = `The column '${field}' holds ${JSON.stringify(other)}, which is no number; count its values with a bar chart.`;
    throw new PipelineError('show.notNumbers', message, { value: other });
  }
  const bars = intervals(numbers);
  const blanks = values.length - numbers.length;
  if (blanks > 0) bars.push({ label: blank, n: blanks });
  return figure('v', titleOf(field, values), bars);
}

interface Bar {
  label: string;
  n: number;
}

function withOthers(bars: readonly Bar[], kept: number): Bar[] {
  const longest = new Set([...bars].sort((a, b) => b.n - a.n).slice(0, kept));
  const others = bars.filter((bar) => !longest.has(bar));
  const n = others.reduce((sum, bar) => sum + bar.n, 0);
  return [...bars.filter((bar) => longest.has(bar)), { label: `(${others.length} others)`, n }];
}

function intervals(numbers: readonly number[]): Bar[] {
  if (numbers.length === 0) return [];
  const low = numbers.reduce((a, b) => Math.min(a, b));
  const high = numbers.reduce((a, b) => Math.max(a, b));
  const whole = numbers.every((number) => Number.isInteger(number)) && high - low <= 30;
  const step = whole ? 1 : roundStep((high - low) / 12);
  const first = Math.floor(low / step);
  const bars = Array.from({ length: whole ? high - low + 1 : Math.max(1, Math.ceil(high / step) - first) }, (_, i) => ({
    label: whole ? String(low + i) : `${edge((first + i) * step)}–${edge((first + i + 1) * step)}`,
    n: 0,
  }));
  for (const number of numbers) {
    // The upper end belongs to the last interval, so that a confidence of 1 needs none of its own.
    const bar = bars[Math.min(Math.floor(number / step) - first, bars.length - 1)];
    if (bar !== undefined) bar.n++;
  }
  return bars;
}

/** The smallest of 1, 2, 5, 10, … (times a power of ten) that is not below `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least || 1));
  return ([1, 2, 5].find((factor) => factor * power >= least) ?? 10) * power;
}

const edge = (number: number): string => String(Number(number.toPrecision(6)));

const titleOf = (field: string, values: readonly unknown[]): string => `${field} (${plural(values.length, 'row')})`;

function figure(orientation: 'h' | 'v', title: string, bars: readonly Bar[]): Figure {
  const labels = bars.map(({ label }) => plotlyText(label));
  const lengths = bars.map(({ n }) => n);
  const horizontal = orientation === 'h';
  // Transparent ticks keep the labels a little off the bars.
  const ofLabels = { type: 'category', automargin: true, ticks: 'outside', ticklen: 4, tickcolor: 'rgba(0,0,0,0)', showgrid: false };
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
    layout: {
      title: { text: plotlyText(title), x: 0.01, xanchor: 'left', font: { size: 14 } },
      width,
      height: horizontal ? 64 + 22 * Math.max(1, bars.length) : 260,
      margin: { l: 10, r: 50, t: 44, b: horizontal ? 16 : 40 },
      bargap: 0.2,
      paper_bgcolor: 'rgba(0,0,0,0)',
      plot_bgcolor: 'rgba(0,0,0,0)',
      font: { family: 'system-ui, sans-serif', size: 12, color: grey },
      xaxis: horizontal ? ofLengths : ofLabels,
      yaxis: horizontal ? { ...ofLabels, autorange: 'reversed' } : ofLengths,
    },
  };
}

// Plotly reads a subset of HTML in its texts: a product name must not be one.
const plotlyText = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const plainText = (text: string): string => text.replace(/&lt;/g, '<').replace(/&amp;/g, '&');

/** What a figure says, for another way to draw it. */
export function barsOf({ data: [trace], layout }: Figure): { title: string; bars: { label: string; n: number; text: string }[] } {
  const [labels, lengths] = trace.orientation === 'h' ? [trace.y, trace.x] : [trace.x, trace.y];
  const bars = labels.map((label, i) => ({ label: plainText(String(label)), n: Number(lengths[i]), text: trace.text[i] ?? '' }));
  return { title: plainText(layout.title.text), bars };
}

/** The same chart as text for a terminal. */
export function figureText(chart: Figure, barWidth = 40): string {
  const { title, bars } = barsOf(chart);
  const longest = Math.max(1, ...bars.map(({ n }) => n));
  const labelWidth = Math.max(0, ...bars.map(({ label }) => label.length));
  const lines = bars.map(({ label, n, text }) => {
    const bar = '█'.repeat(Math.max(n > 0 ? 1 : 0, Math.round((barWidth * n) / longest)));
    return `  ${label.padEnd(labelWidth)}  ${bar} ${text}`;
  });
  return [title, ...lines].join('\n');
}
