import { extent } from 'd3-array';
import { count, plural } from '../../work/index.js';
import { column, numberColumn, type Tabular, toColumns } from '../columns.js';
import { checkLimit } from '../limit.js';
import { blue, categoryColours, grey, grid } from '../palette.js';
import { areNames, numberText, valueText } from '../value-text.js';
import { numberAxes } from './axes.js';
import type { Chart } from './chart.js';
import {
  type Axis,
  chartLayout,
  type Figure,
  invisibleTicks,
  plainText,
  plotlyText,
  type Trace,
  widest,
} from './figure.js';
import { countLabels } from './labels.js';
import { legendLayout, legendMarks } from './legend.js';
import type { CountOrder, LookOptions } from './options.js';
import { round } from './svg.js';

/** The points of one colour (https://plotly.com/javascript/reference/scatter/). */
export interface ScatterTrace {
  type: 'scatter';
  mode: 'markers';
  /** The text in the legend. */
  name: string;
  x: number[];
  y: number[];
  hovertext: string[];
  hoverinfo: 'text';
  marker: { color: string; size: number; opacity: number };
}

/** How the points of a scatter chart are chosen and coloured. */
export interface ScatterOptions extends LookOptions {
  /** A column that the points are coloured by: its six most frequent values; any others are grey. */
  colour?: string;
  /**
   * The order of the colours: the most frequent value first (`count`) or as the values are ordered (`value`). Default:
   * texts by their count, numbers by their value.
   */
  sort?: CountOrder;
  /** How many points at most are drawn, spread evenly over the rows (default 2,000): more make a notebook slow. */
  limit?: number;
}

/**
 * Two columns of numbers against each other, a point for each row that has both, up to 1e300. While the pointer is on a
 * point, its id and title show.
 *
 * @throws PipelineError `show.unknownColumn`, or `show.notNumbers` where `x` or `y` holds anything else.
 *
 * @example
 * const rows = [{ id: 1, price: 10, year: 2012, season: 'Fall' }, { id: 2, price: 20, year: 2013, season: 'Summer' }];
 * scatterFigure(rows, 'year', 'price', { colour: 'season' }).data.map(({ name }) => name); // ['Fall', 'Summer']
 */
export function scatterFigure(
  tabular: Tabular,
  x: string,
  y: string,
  { colour, sort, limit = 2000, title, width, height = 400 }: ScatterOptions = {},
): Figure<ScatterTrace> {
  checkLimit(limit);
  const columns = toColumns(tabular);
  const [across, up] = [x, y].map((field) => numberColumn(columns, field, 'cross columns of words in a heat map'));
  const known = Array.from({ length: columns.rows }, (_, row) => ({
    row,
    x: across?.[row] ?? null,
    y: up?.[row] ?? null,
  })).filter(isPoint);
  const points = known.filter((point) => Math.max(Math.abs(point.x), Math.abs(point.y)) <= greatest);
  const shown =
    points.length <= limit
      ? points
      : Array.from({ length: limit }, (_, i) => points[Math.floor((i * points.length) / limit)]).filter(
          (point) => point !== undefined,
        );
  const named = ['id', 'productDisplayName', ...new Set([x, y, ...(colour === undefined ? [] : [colour])])].filter(
    (name) => columns.names.includes(name),
  );
  const hover = (row: number) =>
    named.map((name) => (name === 'productDisplayName' ? '' : `${name} `) + valueText(columns.at(name, row), name));
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
  const groups =
    colour === undefined
      ? undefined
      : countLabels(column(columns, colour), { column: colour, limit: categoryColours.length + 1, sort });
  const coloured = groups?.labels.map(({ label }, i) =>
    trace(
      label,
      categoryColours[i] ?? grey,
      shown.filter(({ row }) => groups.indices[row] === i),
    ),
  );
  const [first = trace('', blue, shown), ...others] = coloured ?? [];
  const legend = legendLayout(colour, groups?.labels.map(({ label }) => label) ?? []);
  return {
    data: [first, ...others],
    layout: chartLayout(
      title ?? `${y} by ${x} (${rowsText(shown.length, points.length, known.length, columns.rows)})`,
      {
        width: width ?? 496 + Math.max(24, legend.width),
        height,
        margin: { l: 76, r: Math.max(24, legend.width), t: 44, b: 56 },
        xaxis: axis(
          x,
          points.map((point) => point.x),
        ),
        yaxis: axis(
          y,
          points.map((point) => point.y),
        ),
        ...legend.layout,
      },
      { bar: true },
    ),
  };
}

interface Point {
  row: number;
  x: number;
  y: number;
}

const isPoint = (point: { row: number; x: number | null; y: number | null }): point is Point =>
  point.x !== null && point.y !== null;

/** The greatest number that an axis reaches: what is greater, or infinite, is left out, and the title says so. */
const greatest = 1e300;

/** `684 rows`, `684 rows, 3 blank`, `684 rows, 1 infinite or too large`, `2,000 of 39,930 rows` */
function rowsText(shown: number, points: number, known: number, rows: number): string {
  const drawn = shown < points ? `${count(shown)} of ${plural(rows, 'row')}` : plural(rows, 'row');
  const blanks = known < rows ? [`${count(rows - known)} blank`] : [];
  const tooLarge = points < known ? [`${count(known - points)} infinite or too large`] : [];
  return [drawn, ...blanks, ...tooLarge].join(', ');
}

/** From a little below the least value to a little above the greatest, so that no point is cut. */
function axis(field: string, values: readonly number[]): Axis {
  const [low = 0, high = 0] = extent(values);
  const margin = 0.04 * (high - low) || 0.5;
  return {
    title: { text: plotlyText(field), font: { size: 12 }, standoff: 8 },
    range: [low - margin, high + margin],
    exponentformat: 'none',
    separatethousands: !areNames(values, field),
    gridcolor: grid,
    ...invisibleTicks,
    zeroline: false,
  };
}

/** Scatter charts. */
export const scatter: Chart<ScatterTrace> = {
  is: (figure): figure is Figure<ScatterTrace> => isScatter(figure.data[0]),

  drawing({ data: traces, layout }) {
    const { across, up, marks } = numberAxes(layout);
    const points = traces.map(({ x, y, marker }) => {
      const circles = x.map(
        (at, i) => `<circle cx="${round(across(at))}" cy="${round(up(y[i] ?? 0))}" r="${marker.size / 2}"/>`,
      );
      return `<g fill="${marker.color}" fill-opacity="${marker.opacity}">${circles.join('')}</g>`;
    });
    return {
      description: traces.map(({ name, x }) => `${plainText(name)} ${plural(x.length, 'point')}`.trim()).join(', '),
      marks: [
        ...marks,
        ...points,
        ...legendMarks(
          traces.map(({ name, marker }) => ({ name, colour: marker.color })),
          layout,
        ),
      ],
    };
  },

  /** A letter for each colour, explained below; where several fall together, that of the rarest. */
  text({ data: traces, layout: { legend, xaxis, yaxis } }, width) {
    const [left = 0, right = 0] = extent(traces.flatMap(({ x }) => x));
    const [low = 0, high = 0] = extent(traces.flatMap(({ y }) => y));
    const lines = Array.from({ length: 12 }, () => Array.from({ length: width }, () => ' '));
    const letters = traces.map((_, i) => (legend === undefined ? '•' : String.fromCharCode(97 + i)));
    for (const [i, { x, y }] of traces.entries()) {
      for (const [point, at] of x.entries()) {
        const line = lines[Math.round(((lines.length - 1) * (high - (y[point] ?? 0))) / (high - low || 1))];
        line?.splice(Math.round(((width - 1) * (at - left)) / (right - left || 1)), 1, letters[i] ?? '');
      }
    }
    const [leftText = '', rightText = ''] = [left, right].map(edgeTexts(xaxis));
    const [lowText = '', highText = ''] = [low, high].map(edgeTexts(yaxis));
    const side = widest([highText, lowText]);
    const atSide = (line: number) => (line === 0 ? highText : line === lines.length - 1 ? lowText : '');
    const names = traces.map(({ name }, i) => `${letters[i]} ${plainText(name)}`);
    return [
      ...lines.map((line, i) => `  ${atSide(i).padStart(side)} │${line.join('')}`.trimEnd()),
      `  ${' '.repeat(side)} └${'─'.repeat(width)}`,
      `  ${' '.repeat(side)}  ${leftText}${rightText.padStart(width - leftText.length)}`,
      ...(legend === undefined ? [] : [`  ${plainText(legend.title.text)}: ${names.join(', ')}`]),
    ];
  },
};

/** A number at an edge, without the digits that binary fractions add. */
const edgeTexts =
  ({ separatethousands }: Axis) =>
  (number: number): string =>
    numberText(Number(number.toPrecision(6)), separatethousands === true);

const isScatter = (trace: Trace): boolean => trace.type === 'scatter' && 'mode' in trace && trace.mode === 'markers';
