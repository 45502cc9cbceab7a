import { plural } from '../../work/index.js';
import { blue } from '../palette.js';
import type { Chart } from './chart.js';
import { type Axis, chartLayout, type Figure, plainText, plotlyText, type Trace } from './figure.js';
import { legendLayout, legendMarks } from './legend.js';
import { scatter } from './scatter.js';
import { round } from './svg.js';

/**
 * The points of one colour on a map (https://plotly.com/javascript/reference/scattergl/): by WebGL where there are
 * many, which stays fluid; few are drawn without, so that a notebook may have many maps.
 */
export interface MapTrace extends Trace {
  type: 'scatter' | 'scattergl';
  mode: 'markers';
  name: string;
  x: number[];
  y: number[];
  /** `browser/map.js` shows the image. */
  hoverinfo: 'none';
  marker: { color: string; size: number; opacity: number };
  selected: { marker: { opacity: number } };
  unselected: { marker: { opacity: number } };
}

/** The points that have one colour: their places among all. */
export interface MapGroup {
  name: string;
  colour: string;
  places: readonly number[];
}

/** From so many points on they are drawn by WebGL. */
const many = 2000;
/** The steps of an axis: a place takes five digits. */
const steps = 99_999;
/** Of the square that the points lie in, in pixels. */
const side = 480;
const margin = 16;

/**
 * A map: points in groups of a colour each, both axes alike.
 *
 * @param points [number of points, 2]
 * @param key What `browser/map.js` knows the chart by.
 * @param legend What the colours stand for; undefined where there is but one.
 */
export function mapFigure(
  points: Float32Array,
  groups: readonly MapGroup[],
  { title, legend, key }: { title: string; legend: string | undefined; key: string },
): Figure<MapTrace> {
  const places = steppedPlaces(points);
  const total = groups.reduce((sum, group) => sum + group.places.length, 0);
  const size = total > 20_000 ? 3 : total > many ? 4 : 7;
  const trace = ({ name, colour, places: own }: MapGroup): MapTrace => ({
    type: total > many ? 'scattergl' : 'scatter',
    mode: 'markers',
    name: plotlyText(name),
    x: own.map((i) => places.x[i] ?? 0),
    y: own.map((i) => places.y[i] ?? 0),
    hoverinfo: 'none',
    marker: { color: colour, size, opacity: 0.8 },
    selected: { marker: { opacity: 1 } },
    unselected: { marker: { opacity: 0.12 } },
  });
  const [first = trace({ name: '', colour: blue, places: [] }), ...others] = groups.map(trace);
  const names = groups.map(({ name }) => name);
  const explained = legendLayout(legend, names);
  return {
    data: [first, ...others],
    layout: chartLayout(
      title,
      {
        width: side + margin + Math.max(margin, explained.width),
        height: side + 44 + margin,
        margin: { l: margin, r: Math.max(margin, explained.width), t: 44, b: margin },
        xaxis: axis(places.across),
        yaxis: { ...axis(places.up), scaleanchor: 'x' },
        dragmode: 'lasso',
        hovermode: 'closest',
        meta: { map: key },
        updatemenus: [dimming],
        ...explained.layout,
      },
      { bar: true },
    ),
  };
}

/**
 * A button without a look: where JupyterLab draws the chart, nothing else reaches Plotly's functions. What is to be
 * dimmed `browser/map.js` writes into its arguments, and clicks it.
 *
 * @see https://plotly.com/javascript/reference/layout/updatemenus/
 */
const dimming = {
  type: 'buttons',
  buttons: [{ label: '', method: 'update', args: [{}, {}] }],
  showactive: false,
  x: 0,
  xanchor: 'left',
  y: 0,
  yanchor: 'bottom',
  bgcolor: 'rgba(0,0,0,0)',
  borderwidth: 0,
};

/** An axis whose numbers mean nothing: it has none. */
const axis = (length: number): Axis => ({
  range: [-0.03 * steps, length + 0.03 * steps],
  visible: false,
  zeroline: false,
});

/** Where points lie, in whole steps from the least, the same on both axes; and how far they reach. */
function steppedPlaces(points: Float32Array): { x: number[]; y: number[]; across: number; up: number } {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (const [i, value] of points.entries()) {
    low[i % 2] = Math.min(low[i % 2] ?? 0, value);
    high[i % 2] = Math.max(high[i % 2] ?? 0, value);
  }
  const reach = [0, 1].map((k) => (high[k] ?? 0) - (low[k] ?? 0));
  const step = Math.max(...reach) / steps || 1;
  const on = (k: number) =>
    Array.from({ length: points.length / 2 }, (_, i) => Math.round(((points[2 * i + k] ?? 0) - (low[k] ?? 0)) / step));
  return { x: on(0), y: on(1), across: (reach[0] ?? 0) / step, up: (reach[1] ?? 0) / step };
}

/** Points of a still picture, at most: more make a page heavy and show no more. */
const mostStill = 2000;

/** Maps of images. */
export const map: Chart<MapTrace> = {
  is: (figure): figure is Figure<MapTrace> => figure.layout.meta?.map !== undefined,

  drawing({ data: traces, layout }) {
    const { width, height, margin: around, xaxis, yaxis } = layout;
    const [[left, right], [low, high]] = [xaxis.range ?? [0, 1], yaxis.range ?? [0, 1]];
    const room = { width: width - around.l - around.r, height: height - around.t - around.b };
    const scale = Math.min(room.width / (right - left), room.height / (high - low));
    const across = (x: number) => round(around.l + room.width / 2 + (x - (left + right) / 2) * scale);
    const up = (y: number) => round(around.t + room.height / 2 - (y - (low + high) / 2) * scale);
    const total = traces.reduce((sum, { x }) => sum + x.length, 0);
    const every = Math.ceil(total / mostStill);
    const points = traces.map(({ x, y, marker }) => {
      const circles = x.flatMap((at, i) =>
        i % every === 0 ? [`<circle cx="${across(at)}" cy="${up(y[i] ?? 0)}" r="${marker.size / 2}"/>`] : [],
      );
      return `<g fill="${marker.color}" fill-opacity="${marker.opacity}">${circles.join('')}</g>`;
    });
    const entries = traces.map(({ name, marker }) => ({ name, colour: marker.color }));
    return {
      description: traces.map(({ name, x }) => `${plainText(name)} ${plural(x.length, 'point')}`.trim()).join(', '),
      marks: [...points, ...legendMarks(entries, layout)],
    };
  },

  text({ data: [first, ...others], layout }, width) {
    const plain = (trace: MapTrace) => ({
      ...trace,
      type: 'scatter' as const,
      hoverinfo: 'text' as const,
      hovertext: [],
    });
    // Its numbers mean nothing.
    const lines = scatter.text({ data: [plain(first), ...others.map(plain)], layout }, width);
    const told = lines.filter((line) => !/^ *(?:\d+ +)?\d+$/.test(line));
    return told.map((line) => line.replace(/^ *[\d,]* *([│└])/, '  $1'));
  },
};
