import { grey, vermilion } from '../palette.js';
import { valueText } from '../value-text.js';
import { axisTitles } from './axes.js';
import type { Chart } from './chart.js';
import {
  chartLayout,
  type Figure,
  invisibleTicks,
  labelsWidth,
  plainText,
  plotlyText,
  type Shape,
  shortLabel,
  widest,
} from './figure.js';
import { rect, titled, turned, write } from './svg.js';

/** A matrix of values that are drawn as colours. */
export interface Heatmap {
  title: string;
  /** Labels from the top; no two are the same. */
  rows: readonly string[];
  /** Labels from the left; no two are the same. */
  columns: readonly string[];
  /** Numbers of 0 and more, [rows, columns]. */
  values: readonly (readonly number[])[];
  /** The value that has the last colour (default: the greatest one). */
  greatest?: number;
  /** The text of a cell (default: its value). */
  text?: (row: number, column: number) => string;
  /** A text of four characters at most, which is written into all cells where `text` does not fit each of them. */
  brief?: (row: number, column: number) => string;
  /** The lines shown while the pointer is on a cell (default: its row, its column, its text). */
  hover?: (row: number, column: number) => readonly string[];
  /** Which cells are outlined (default: none). */
  outlined?: (row: number, column: number) => boolean;
  /** Pixels (default: as much as the cells need). */
  size?: { width?: number | undefined; height?: number | undefined };
  /** The titles of the axes. */
  axes?: { rows: string; columns: string };
}

/** One coloured cell per value (https://plotly.com/javascript/reference/heatmap/). */
export interface HeatmapTrace {
  type: 'heatmap';
  x: string[];
  y: string[];
  /** Null where a value is 0: such a cell has the colour of the page. */
  z: (number | null)[][];
  /** The texts written into the cells: all empty where they do not fit. */
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
 * alike; opaque, so that light and dark pages show the same. Their positions are uneven: a hundredth looks different
 * from nothing, and few values have a tone on which neither black nor white text is easy to read.
 */
const colours: [position: number, colour: string][] = [
  [0, '#00224e'],
  [0.05, '#35456c'],
  [0.2, '#666970'],
  [0.3, '#beb26a'],
  [1, '#fee838'],
];

/** Pixels that the widest character of a cell's text takes. */
const digit = 5.8;

/**
 * Values as the colours of a matrix, the first row at the top; nothing (0) has the colour of the page. Either all cells
 * have their text written into them, or none; it shows while the pointer is on a cell, too.
 *
 * @example
 * heatmapFigure({ title: 'Products', rows: ['Summer'], columns: ['Men', 'Women'], values: [[412, 380]] });
 */
export function heatmapFigure(heatmap: Heatmap): Figure<HeatmapTrace> {
  const { title, rows, columns, values, axes = { rows: '', columns: '' }, outlined = () => false, size } = heatmap;
  const { greatest = Math.max(0, ...values.flat()) || 1, text = (row, column) => valueText(values[row]?.[column]) } =
    heatmap;
  const { hover = (row, column) => [rows[row] ?? '', columns[column] ?? '', text(row, column)] } = heatmap;
  const cell = { width: between(30, 480 / columns.length, 80), height: between(24, 320 / rows.length, 32) };
  const each = <T>(map: (row: number, column: number) => T): T[][] =>
    rows.map((_, row) => columns.map((_, column) => map(row, column)));
  const texts = each(text);
  const fit = (each: readonly (readonly string[])[]) => each.flat().every(({ length }) => digit * length < cell.width);
  const written = [texts, ...(heatmap.brief ? [each(heatmap.brief)] : [])].find(fit) ?? each(() => '');
  const outlines = each((row, column): Shape[] => (outlined(row, column) ? [outline(row, column)] : [])).flat(2);
  // The labels below are slanted: as high as they reach to the left.
  const slanted = 0.72 * labelsWidth(columns);
  const margin = { l: Math.ceil(Math.max(labelsWidth(rows) + 40, slanted)), r: 24, t: 44, b: Math.ceil(slanted) + 48 };
  const axis = (labels: readonly string[], title: string) => ({
    type: 'category',
    tickvals: labels.map(plotlyText),
    ticktext: labels.map((label) => plotlyText(shortLabel(label))),
    title: { text: plotlyText(title), font: { size: 12 }, standoff: 8 },
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
        z: values.map((row) => row.map((value) => value || null)),
        text: written.map((row) => row.map(plotlyText)),
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
    layout: chartLayout(title, {
      width: size?.width ?? margin.l + margin.r + cell.width * columns.length,
      height: size?.height ?? margin.t + margin.b + cell.height * rows.length,
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

/** Matrices of colours: heat maps, crosstabs, confusion matrices. */
export const heatmap: Chart<HeatmapTrace> = {
  is: (figure): figure is Figure<HeatmapTrace> => figure.data[0].type === 'heatmap',

  drawing({ data: [trace], layout }) {
    const { width, height, margin, shapes = [] } = layout;
    const [right, bottom] = [width - margin.r, height - margin.b];
    const across = (right - margin.l) / trace.x.length;
    const down = (bottom - margin.t) / trace.y.length;
    const left = (column: number) => margin.l + column * across;
    const top = (row: number) => margin.t + row * down;
    const cells = trace.z.flatMap((values, row) =>
      values.map((value, column) => {
        const { fill, text } = cellColours(trace, value);
        const inside = plainText(trace.text[row]?.[column] ?? '');
        const look = ` font-size="${trace.textfont.size}" fill="${text}"`;
        return titled(
          trace.hovertext[row]?.[column],
          rect(left(column) + 0.5, top(row) + 0.5, across - 1, down - 1, `fill="${fill}"`) +
            (inside === '' ? '' : write(left(column + 0.5), top(row + 0.5) + 3.5, inside, 'middle', look)),
        );
      }),
    );
    const rowLabels = trace.y.map((label, row) =>
      write(margin.l - 6, top(row + 0.5) + 4, shortLabel(plainText(label)), 'end'),
    );
    const columnLabels = trace.x.map((label, column) => {
      const [x, y] = [left(column + 0.5) + 4, bottom + 12];
      return write(x, y, shortLabel(plainText(label)), 'end', turned(-45, x, y));
    });
    const outlines = shapes.map(({ x0, x1, y0, y1, line }) =>
      rect(
        left(x0 + 0.5),
        top(y0 + 0.5),
        (x1 - x0) * across,
        (y1 - y0) * down,
        `fill="none" stroke="${line.color}" stroke-width="${line.width}"`,
      ),
    );
    return {
      description: `${trace.y.length} rows, ${trace.x.length} columns`,
      marks: [...axisTitles(layout), ...rowLabels, ...columnLabels, ...cells, ...outlines],
    };
  },

  /** A line per row; its columns are numbered, and named below. */
  text({ data: [{ x, y, customdata }] }) {
    const names = x.map((label, i) => `${i + 1} ${plainText(label)}`);
    const rows = y.map(plainText);
    const cells = [
      x.map((_, i) => String(i + 1)),
      ...customdata.map((row) => row.map((cell) => plainText(cell) || '·')),
    ];
    const widths = x.map((_, column) => widest(cells.map((row) => row[column] ?? '')));
    const lines = cells.map((row, i) => [
      (i === 0 ? '' : (rows[i - 1] ?? '')).padEnd(widest(rows)),
      ...row.map((cell, column) => cell.padStart(widths[column] ?? 0)),
    ]);
    return [...lines.map((line) => `  ${line.join('  ')}`), `  columns: ${names.join(', ')}`];
  },
};

/** The colour of a value's cell, and black or white for the text in it. */
export function cellColours(
  { colorscale, zmax }: Pick<HeatmapTrace, 'colorscale' | 'zmax'>,
  value: number | null,
): { fill: string; text: string } {
  if (value === null) return { fill: 'transparent', text: grey };
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
