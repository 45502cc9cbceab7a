import { count, plural } from '../../work/index.js';
import { column, columnsOf, numbersOf, type Tabular, valueText } from '../columns.js';
import { type Axis, type Figure, invisibleTicks, labelsWidth, layoutOf, plotlyText } from './figure.js';
import { labelsOf } from './labels.js';
import { blue, categoryColours, grey, grid } from './palette.js';
import { extentOf } from './ticks.js';

/** The points of one colour (https://plotly.com/javascript/reference/scatter/). */
export interface ScatterTrace {
  type: 'scatter';
  mode: 'markers';
  /** What the legend says. */
  name: string;
  x: number[];
  y: number[];
  hovertext: string[];
  hoverinfo: 'text';
  marker: { color: string; size: number; opacity: number };
}

/** What a scatter chart shows. */
export interface ScatterOptions {
  /** A column that the points are coloured by: its six most frequent values; any others are grey. */
  colour?: string;
  /** Points drawn at most (default 2,000), spread evenly over the rows: more of them make a notebook large and slow. */
  most?: number;
}

/**
 * Two columns of numbers against each other, a point for each row that has both. Where a point is pointed at, its id
 * and title show.
 *
 * @throws PipelineError `show.unknownColumn`, or `show.notNumbers` where `x` or `y` holds anything else.
 *
 * @example
 * scatterFigure(inferred.metadata, 'articleTypeConfidence', 'genderConfidence', { colour: 'season' });
 */
export function scatterFigure(
  tabular: Tabular,
  x: string,
  y: string,
  { colour, most = 2000 }: ScatterOptions = {},
): Figure<ScatterTrace> {
  const columns = columnsOf(tabular);
  const [across, up] = [x, y].map((field) => numbersOf(columns, field, 'cross columns of words in a heat map'));
  const points = Array.from({ length: columns.rows }, (_, row) => ({
    row,
    x: across?.[row] ?? null,
    y: up?.[row] ?? null,
  })).filter(isPoint);
  const shown =
    points.length <= most
      ? points
      : Array.from({ length: most }, (_, i) => points[Math.floor((i * points.length) / most)]).filter(
          (point) => point !== undefined,
        );
  const named = ['id', 'productDisplayName', ...new Set([x, y, ...(colour === undefined ? [] : [colour])])].filter(
    (name) => columns.names.includes(name),
  );
  const hover = (row: number) =>
    named.map((name) => (name === 'productDisplayName' ? '' : `${name} `) + valueText(columns.at(name, row)));
  const trace = (name: string, color: string, own: readonly Point[]): ScatterTrace => ({
    type: 'scatter',
    mode: 'markers',
    name: plotlyText(name),
    x: own.map((point) => point.x),
    y: own.map((point) => point.y),
    hovertext: own.map(({ row }) => hover(row).map(plotlyText).join('<br>')),
    hoverinfo: 'text',
    marker: { color, size: 7, opacity: 0.85 },
  });
  const groups = colour === undefined ? undefined : labelsOf(column(columns, colour), categoryColours.length + 1);
  const coloured = groups?.labels.map(({ label }, i) =>
    trace(
      label,
      categoryColours[i] ?? grey,
      shown.filter(({ row }) => groups.of[row] === i),
    ),
  );
  const [first = trace('', blue, shown), ...others] = coloured ?? [];
  const legend =
    groups === undefined ? 0 : 44 + labelsWidth([colour ?? '', ...groups.labels.map(({ label }) => label)]);
  return {
    data: [first, ...others],
    layout: layoutOf(`${y} by ${x} (${rowsText(shown.length, points.length, columns.rows)})`, {
      width: 496 + Math.max(24, legend),
      height: 400,
      margin: { l: 76, r: Math.max(24, legend), t: 44, b: 56 },
      xaxis: axis(
        x,
        points.map((point) => point.x),
      ),
      yaxis: axis(
        y,
        points.map((point) => point.y),
      ),
      ...(colour !== undefined && {
        showlegend: true,
        legend: { title: { text: plotlyText(colour), font: { size: 12 } }, itemsizing: 'constant' },
      }),
    }),
  };
}

interface Point {
  row: number;
  x: number;
  y: number;
}

const isPoint = (point: { row: number; x: number | null; y: number | null }): point is Point =>
  point.x !== null && point.y !== null;

/** `684 rows`, `684 rows, 3 blank`, `2,000 of 39,930 rows` */
function rowsText(shown: number, points: number, rows: number): string {
  const drawn = shown < points ? `${count(shown)} of ${plural(rows, 'row')}` : plural(rows, 'row');
  return points < rows ? `${drawn}, ${count(rows - points)} blank` : drawn;
}

/** From a little below the least value to a little above the greatest, so that no point is cut. */
function axis(field: string, values: readonly number[]): Axis {
  const [low, high] = extentOf(values);
  const margin = 0.04 * (high - low) || 0.5;
  return {
    title: { text: plotlyText(field), font: { size: 12 }, standoff: 8 },
    range: [low - margin, high + margin],
    exponentformat: 'none',
    gridcolor: grid,
    ...invisibleTicks,
    zeroline: false,
  };
}
