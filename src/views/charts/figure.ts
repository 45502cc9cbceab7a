import { blue, grey } from '../palette.js';
import { cut } from '../value-text.js';

/** A chart as Plotly reads it (https://plotly.com/javascript/reference/): plain data, which can be compared. */
export interface Figure<T extends Trace = Trace> {
  data: [T, ...T[]];
  layout: FigureLayout;
}

/** Any figure that Plotly draws. */
export interface PlotlyFigure {
  readonly data: readonly object[];
  readonly layout?: object;
}

/** A series of values and how they look. Its `type` is Plotly's name for the kind of drawing. */
export interface Trace {
  type: string;
}

/** The part of Plotly's layout that the charts set; sizes are pixels. */
export interface FigureLayout {
  title: {
    text: string;
    x: number;
    xanchor: 'left';
    y: number;
    yref: 'container';
    yanchor: 'top';
    pad: { t: number };
    font: { size: number };
  };
  width: number;
  height: number;
  margin: { l: number; r: number; t: number; b: number };
  bargap?: number;
  barmode?: 'stack';
  paper_bgcolor: string;
  plot_bgcolor: string;
  font: { family: string; size: number; color: string };
  xaxis: Axis;
  yaxis: Axis;
  shapes?: Shape[];
  annotations?: Annotation[];
  showlegend?: boolean;
  modebar?: { bgcolor: string; color: string; activecolor: string };
  legend?: { title: { text: string; font: { size: number } }; itemsizing: 'constant'; traceorder: 'normal' };
  /** What the mouse does where it is drawn over the chart, and what it points at; only maps set it. */
  dragmode?: 'lasso';
  hovermode?: 'closest';
  /** Of maps, what their script knows them by, and a button that nobody sees, by which it has Plotly dim points. */
  meta?: { map: string };
  updatemenus?: [object];
}

/** An axis; it may set any other of Plotly's options too. */
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

/** A text over a chart, at a point in the units of its axes. */
export interface Annotation {
  x: string | number;
  y: string | number;
  text: string;
  showarrow: false;
  xanchor: 'left' | 'center';
  yanchor: 'middle' | 'bottom';
}

/** Transparent ticks leave a gap between an axis and its labels. */
export const invisibleTicks = { ticks: 'outside', ticklen: 4, tickcolor: 'rgba(0,0,0,0)' };

/** About the width of a character at the charts' font size, in pixels. */
const characterWidth = 7.2;
const longestLabel = 28;
export const shortLabel = (label: string): string => cut(label, longestLabel);
/** The width of the longest label, in pixels. */
export const labelsWidth = (labels: readonly string[]): number => characterWidth * widest(labels.map(shortLabel));
/** The length of the longest text, in characters. */
export const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(({ length }) => length));

/** Pixels: a line of a title, and Plotly's bar of buttons, which lies at the right of the title. */
export const titleLine = 18;
const modeBarWidth = 110;
const titleLineCount = 4;
/** About the width of a character of a title, in pixels. */
const titleCharacter = 7.6;

/** A title as lines that fit the width, broken between words, in the middle of longer ones. */
function titleLines(title: string, width: number): string[] {
  const longest = Math.max(12, Math.floor((width - 16) / titleCharacter));
  const words = title.split(/\s+/).flatMap((word) => word.match(new RegExp(`.{1,${longest}}`, 'gu')) ?? []);
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= longest) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.length <= titleLineCount ? lines : [...lines.slice(0, titleLineCount - 1), '…'];
}

/**
 * What the layouts of all charts have in common, joined with what belongs to one chart.
 *
 * @param bar - Whether the chart has Plotly's bar of buttons, to which the title leaves room.
 */
export function chartLayout(
  title: string,
  own: Pick<FigureLayout, 'width' | 'height' | 'margin' | 'xaxis' | 'yaxis'> & Partial<FigureLayout>,
  { bar = false }: { bar?: boolean } = {},
): FigureLayout {
  const lines = titleLines(title, own.width - (bar ? modeBarWidth : 0));
  const layout: FigureLayout = {
    title: {
      text: lines.map(plotlyText).join('<br>'),
      x: 0.01,
      xanchor: 'left',
      y: 1,
      yref: 'container',
      yanchor: 'top',
      pad: { t: 10 },
      font: { size: 14 },
    },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { family: 'system-ui, sans-serif', size: 12, color: grey },
    ...(bar && { modebar: { bgcolor: 'rgba(0,0,0,0)', color: grey, activecolor: blue } }),
    ...own,
    margin: { ...own.margin, t: own.margin.t + titleLine * (lines.length - 1) },
  };
  layouts.add(layout);
  return layout;
}

/** The layouts of the kit's own charts. */
const layouts = new WeakSet<object>();

/** Whether a layout is that of one of the kit's charts. */
export const isOwnLayout = (layout: object): boolean => layouts.has(layout);

/**
 * Escapes text for Plotly, which reads a subset of HTML, and TeX between dollars where a page has MathJax: a product
 * name must be taken for neither.
 */
export const plotlyText = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/\$/g, '&#36;');
/** The text that `plotlyText` escaped; Plotly's line breaks become those of text. */
export const plainText = (text: string): string =>
  text.replace(/<br>/g, '\n').replace(/&#36;/g, '$').replace(/&lt;/g, '<').replace(/&amp;/g, '&');
