import { valueText } from '../columns.js';
import { type Figure, invisibleTicks, labelsWidth, layoutOf, plotlyText, type Shape, shortLabel } from './figure.js';
import { vermilion } from './palette.js';

/** A matrix of values to be drawn as colours. */
export interface Heatmap {
  title: string;
  /** Labels, without repeats, from the top. */
  rows: readonly string[];
  /** Labels, without repeats, from the left. */
  columns: readonly string[];
  /** From 0 up, [rows, columns]. */
  values: readonly (readonly number[])[];
  /** The value of the last colour (default: the greatest). */
  greatest?: number;
  /** What is written into a cell, where it fits (default: its value). */
  text?: (row: number, column: number) => string;
  /** The lines shown where a cell is pointed at (default: its row, its column, its text). */
  hover?: (row: number, column: number) => readonly string[];
  /** Which cells are outlined (default: none). */
  outlined?: (row: number, column: number) => boolean;
  /** What the rows and the columns are. */
  axes?: { rows: string; columns: string };
}

/** One coloured cell per value (https://plotly.com/javascript/reference/heatmap/). */
export interface HeatmapTrace {
  type: 'heatmap';
  x: string[];
  y: string[];
  z: number[][];
  /** What is written into the cells: nothing where it does not fit. */
  text: string[][];
  /** The texts of all cells. */
  customdata: string[][];
  texttemplate: '%{text}';
  textfont: { size: number };
  hovertext: string[][];
  hoverinfo: 'text';
  zmin: 0;
  zmax: number;
  colorscale: [position: number, colour: string][];
  showscale: false;
  xgap: number;
  ygap: number;
}

/**
 * Colours of cividis (Nuñez et al. 2018, https://doi.org/10.1371/journal.pone.0199239), which colour-blind people read
 * alike; opaque, so that light and dark pages show the same. Not evenly: a hundredth differs from nothing, and few
 * values have a tone on which neither black nor white is read well.
 */
const colours: [position: number, colour: string][] = [
  [0, '#00224e'],
  [0.05, '#35456c'],
  [0.2, '#666970'],
  [0.3, '#a69d75'],
  [1, '#fee838'],
];

/** Pixels that the widest character of a cell's text takes. */
const digit = 5.8;

/**
 * Values as the colours of a matrix, the first row at the top. A text that does not fit its cell is left to the
 * pointer.
 *
 * @example
 * heatmapFigure({ title: 'Products', rows: ['Summer'], columns: ['Men', 'Women'], values: [[412, 380]] });
 */
export function heatmapFigure(heatmap: Heatmap): Figure<HeatmapTrace> {
  const { title, rows, columns, values, axes = { rows: '', columns: '' }, outlined = () => false } = heatmap;
  const { greatest = Math.max(0, ...values.flat()) || 1, text = (row, column) => valueText(values[row]?.[column]) } =
    heatmap;
  const { hover = (row, column) => [rows[row] ?? '', columns[column] ?? '', text(row, column)] } = heatmap;
  const cell = { width: between(27, 480 / columns.length, 80), height: between(24, 320 / rows.length, 32) };
  const each = <T>(map: (row: number, column: number) => T): T[][] =>
    rows.map((_, row) => columns.map((_, column) => map(row, column)));
  const texts = each(text);
  const outlines = each((row, column): Shape[] => (outlined(row, column) ? [outline(row, column)] : [])).flat(2);
  // The labels below are slanted: as high as they reach to the left.
  const slanted = 0.72 * labelsWidth(columns);
  const margin = { l: Math.ceil(Math.max(labelsWidth(rows) + 40, slanted)), r: 24, t: 44, b: Math.ceil(slanted) + 48 };
  const axis = (labels: readonly string[], of: string) => ({
    type: 'category',
    tickvals: labels.map(plotlyText),
    ticktext: labels.map((label) => plotlyText(shortLabel(label))),
    title: { text: plotlyText(of), font: { size: 12 }, standoff: 8 },
    ...invisibleTicks,
    showgrid: false,
    zeroline: false,
    fixedrange: true,
  });
  return {
    data: [
      {
        type: 'heatmap',
        x: columns.map(plotlyText),
        y: rows.map(plotlyText),
        z: values.map((row) => [...row]),
        text: texts.map((row) =>
          row.map((written) => (digit * written.length < cell.width ? plotlyText(written) : '')),
        ),
        customdata: texts.map((row) => row.map(plotlyText)),
        texttemplate: '%{text}',
        textfont: { size: 10 },
        hovertext: each((row, column) => hover(row, column).map(plotlyText).join('<br>')),
        hoverinfo: 'text',
        zmin: 0,
        zmax: greatest,
        colorscale: colours,
        showscale: false,
        xgap: 1,
        ygap: 1,
      },
    ],
    layout: layoutOf(title, {
      width: margin.l + margin.r + cell.width * columns.length,
      height: margin.t + margin.b + cell.height * rows.length,
      margin,
      xaxis: { ...axis(columns, axes.columns), tickangle: -45 },
      yaxis: { ...axis(rows, axes.rows), autorange: 'reversed' },
      shapes: outlines,
    }),
  };
}

const between = (low: number, value: number, high: number): number => Math.max(low, Math.min(high, Math.floor(value)));

const outline = (row: number, column: number): Shape => ({
  type: 'rect',
  x0: column - 0.5,
  x1: column + 0.5,
  y0: row - 0.5,
  y1: row + 0.5,
  line: { color: vermilion, width: 2 },
});

/** The colour of a value's cell, and black or white for the text in it. */
export function cellColours({ colorscale, zmax }: HeatmapTrace, value: number): { fill: string; text: string } {
  const position = Math.min(1, value / zmax);
  const above = Math.max(
    1,
    colorscale.findIndex(([at]) => at >= position),
  );
  const [[low, from], [high, to]] = [colorscale[above - 1] ?? [0, black], colorscale[above] ?? [1, black]];
  const rgb = [1, 3, 5].map((i) => {
    const [a, b] = [from, to].map((colour) => Number.parseInt(colour.slice(i, i + 2), 16));
    return Math.round((a ?? 0) + ((position - low) / (high - low)) * ((b ?? 0) - (a ?? 0)));
  });
  const [red = 0, green = 0, blue = 0] = rgb;
  return { fill: `rgb(${rgb.join(',')})`, text: 0.3 * red + 0.59 * green + 0.11 * blue > 128 ? black : white };
}

const black = '#000000';
const white = '#ffffff';
