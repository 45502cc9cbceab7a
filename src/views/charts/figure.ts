import { cut } from '../columns.js';
import type { BarTrace } from './bars.js';
import type { HeatmapTrace } from './heatmap.js';
import { grey } from './palette.js';
import type { ReliabilityTrace } from './reliability.js';
import type { ScatterTrace } from './scatter.js';

/** A chart as Plotly reads it (https://plotly.com/javascript/reference/): values that can be compared. */
export interface Figure<T extends Trace = Trace> {
  data: [T, ...T[]];
  layout: FigureLayout;
}

/** The kinds of charts, told apart by their `type`. */
export type Trace = BarTrace | HeatmapTrace | ReliabilityTrace | ScatterTrace;

/** A trace of a scatter chart, which alone may have several. */
export const isScatter = (trace: Trace): trace is ScatterTrace => trace.type === 'scatter' && trace.mode === 'markers';

/** The part of Plotly's layout that the charts set; sizes are pixels. */
export interface FigureLayout {
  title: { text: string; x: number; xanchor: 'left'; font: { size: number } };
  width: number;
  height: number;
  margin: { l: number; r: number; t: number; b: number };
  bargap?: number;
  paper_bgcolor: string;
  plot_bgcolor: string;
  font: { family: string; size: number; color: string };
  xaxis: Axis;
  yaxis: Axis;
  shapes?: Shape[];
  showlegend?: boolean;
  legend?: { title: { text: string; font: { size: number } }; itemsizing: 'constant' };
}

/** An axis with whatever Plotly's options it sets. */
export interface Axis {
  title?: { text: string; font: { size: number }; standoff?: number };
  range?: [number, number];
  [option: string]: unknown;
}

/** A line or an outline over a chart, in the units of its axes. */
export interface Shape {
  type: 'line' | 'rect';
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  line: { color: string; width: number; dash?: 'dot' };
}

/** Transparent ticks keep labels a little off what they label. */
export const invisibleTicks = { ticks: 'outside', ticklen: 4, tickcolor: 'rgba(0,0,0,0)' };

/** About the width of a character at the charts' font size, in pixels. */
export const characterWidth = 7.2;
const longestLabel = 28;
export const shortLabel = (label: string): string => cut(label, longestLabel);
/** The pixels that the longest of some labels takes. */
export const labelsWidth = (labels: readonly string[]): number =>
  characterWidth * Math.max(0, ...labels.map((label) => shortLabel(label).length));

/** What the layouts of all charts have in common, and what is a chart's own. */
export const layoutOf = (
  title: string,
  own: Pick<FigureLayout, 'width' | 'height' | 'margin' | 'xaxis' | 'yaxis'> & Partial<FigureLayout>,
): FigureLayout => ({
  title: { text: plotlyText(title), x: 0.01, xanchor: 'left', font: { size: 14 } },
  paper_bgcolor: 'rgba(0,0,0,0)',
  plot_bgcolor: 'rgba(0,0,0,0)',
  font: { family: 'system-ui, sans-serif', size: 12, color: grey },
  ...own,
});

// Plotly reads a subset of HTML in its texts, and TeX between dollars where a page has MathJax: a product name must be
// neither.
export const plotlyText = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/\$/g, '&#36;');
/** The text again; a line break of Plotly's is one of text. */
export const plainText = (text: string): string =>
  text.replace(/<br>/g, '\n').replace(/&#36;/g, '$').replace(/&lt;/g, '<').replace(/&amp;/g, '&');
