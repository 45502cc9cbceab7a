import { count, percent, plural } from '../../work/index.js';
import { type Columns, column, type Tabular, toColumns } from '../columns.js';
import { blue, categoryColours, grey } from '../palette.js';
import { type Annotation, chartLayout, type Figure, invisibleTicks, labelsWidth, plotlyText } from './figure.js';
import { countLabels, type Label, type Labels } from './labels.js';
import { legendLayout } from './legend.js';
import type { CountOptions } from './options.js';

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

/** Pixels; two charts fit side by side on a page. Labels that need more room have it, up to the other width. */
const [usualWidth, greatestWidth] = [520, 760];

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
  const counted = countLabels(column(columns, field), { ...options, column: field });
  return barsFigure('h', field, divided(columns, counted, options.colour), options);
}

/** The bars of a chart: their labels and lengths, and what each is divided into. */
interface Bars {
  rows: number;
  labels: readonly Label[];
  /** The column of the colours, with the lengths of each of its values, in the order of the labels. */
  parts?: { column: string; values: { name: string; colour: string; lengths: number[] }[] };
}

export function divided(columns: Columns, { labels, indices }: Labels, colour: string | undefined): Bars {
  const { rows } = columns;
  if (colour === undefined) return { rows, labels };
  const groups = countLabels(column(columns, colour), { column: colour, limit: categoryColours.length + 1 });
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

export function barsFigure(
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
  // By their places, for Plotly takes a label like 2012 for a number.
  const totals = counted.map(({ n }, i): Annotation => {
    const at = horizontal ? { x: length(n), y: i } : { x: i, y: length(n) };
    return {
      ...at,
      text: text(n),
      showarrow: false,
      xanchor: horizontal ? 'left' : 'center',
      yanchor: horizontal ? 'middle' : 'bottom',
    };
  });
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
  const pitch = pitchOf(counted.map(({ label }) => label));
  const needed = horizontal ? 0 : Math.ceil(pitch * counted.length) + 60;
  const {
    width = Math.max(usualWidth, Math.min(needed, greatestWidth)) + legend.width,
    height = Math.max(legend.height, horizontal ? 64 + 22 * Math.max(1, counted.length) : 260),
  } = size;
  const margin = { l: 10, r: 50 + legend.width, t: 44, b: horizontal ? 16 : 40 };
  // Where the labels would touch each other, only every second, third, … is written.
  const every = Math.max(1, Math.ceil((pitch * counted.length) / (width - margin.l - margin.r)));
  return {
    data: [first, ...others],
    layout: chartLayout(
      title,
      {
        width,
        height,
        margin,
        bargap: 0.2,
        xaxis: horizontal ? lengthAxis : { ...labelAxis, tickangle: 0, tick0: 0, dtick: every },
        yaxis: horizontal ? { ...labelAxis, autorange: 'reversed' } : lengthAxis,
        ...(parts && { barmode: 'stack', ...(written && { annotations: totals }), ...legend.layout }),
      },
      { bar: !horizontal },
    ),
  };
}

/** Pixels from one label to the next, where no two neighbours touch each other. */
function pitchOf(labels: readonly string[]): number {
  const widths = labels.map((label) => labelsWidth([label]));
  return 6 + Math.max(0, ...widths.map((width, i) => (width + (widths[i + 1] ?? width)) / 2));
}
