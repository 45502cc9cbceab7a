import { PipelineError } from '../../work/index.js';
import { escapeHtml } from '../html.js';
import { bars } from './bars-drawing.js';
import type { Chart } from './chart.js';
import { type Figure, isOwnLayout, type PlotlyFigure, plainText, titleLine } from './figure.js';
import { heatmap } from './heatmap.js';
import { map } from './map.js';
import { reliability } from './reliability.js';
import { scatter } from './scatter.js';
import { write } from './svg.js';

export { type BarTrace, barFigure } from './bars.js';
export { confusionFigure } from './confusion.js';
export { crosstabFigure } from './crosstab.js';
export type { Annotation, Axis, Figure, FigureLayout, PlotlyFigure, Shape, Trace } from './figure.js';
export { type Heatmap, type HeatmapTrace, heatmapFigure } from './heatmap.js';
export { histogramFigure } from './histogram.js';
export { countLabels } from './labels.js';
export { type MapGroup, type MapTrace, mapFigure } from './map.js';
export type { CountOptions, CountOrder, LookOptions } from './options.js';
export { type ReliabilityTrace, reliabilityFigure } from './reliability.js';
export { type ScatterOptions, type ScatterTrace, scatterFigure } from './scatter.js';
export { splitFigure } from './split.js';

/** The kinds of charts there are. What is not in this list is neither drawn nor written. */
export const charts = [bars, heatmap, reliability, map, scatter] as const;

type FigureOf<C> = C extends Chart<infer T> ? Figure<T> : never;

/** A figure of one of the charts. */
export type AnyFigure = FigureOf<(typeof charts)[number]>;

/** Whether a figure is one of the kit's charts, which can be drawn without Plotly, too. */
export const isChart = (figure: PlotlyFigure): figure is AnyFigure => isOwnLayout(figure.layout ?? figure);

/**
 * The chart as a still picture, which a code host, an exported page or a browser without scripts shows in place of the
 * interactive one.
 *
 * @throws PipelineError `show.unknownChart` where the figure is of none of the charts.
 *
 * @example
 * await writeFile('season.svg', figureSvg(barFigure([{ season: 'Fall' }, { season: 'Summer' }], 'season')));
 */
export function figureSvg(figure: AnyFigure): string {
  const { width, height, font, title } = figure.layout;
  const { description, marks } = chartOf(figure).drawing(figure);
  const lines = plainText(title.text).split('\n');
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const label = `role="img" aria-label="${escapeHtml(`${lines.join(' ')}: ${description}`)}"`;
  const heading = lines.map((line, i) =>
    write(6, 22 + titleLine * i, line, 'start', ` font-size="${title.font.size}"`),
  );
  const look = `font-family="${font.family}" font-size="${font.size}" fill="${font.color}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${label} ${look}>
${[...heading, ...marks].join('\n')}
</svg>`;
}

/**
 * The chart as text for a terminal; its longest bar has `width` characters, a scatter chart as many columns.
 *
 * @throws PipelineError `show.unknownChart` where the figure is of none of the charts.
 *
 * @example
 * console.log(figureText(barFigure([{ season: 'Fall' }, { season: 'Summer' }], 'season')));
 */
export function figureText(figure: AnyFigure, width = 40): string {
  return [plainText(figure.layout.title.text).replaceAll('\n', ' '), ...chartOf(figure).text(figure, width)].join('\n');
}

/**
 * How Plotly draws a chart: with a bar of buttons beside its title where a part of the chart can be enlarged, and
 * without one elsewhere.
 */
export const chartConfig = ({ layout }: AnyFigure): object =>
  layout.modebar === undefined
    ? { displayModeBar: false }
    : {
        displaylogo: false,
        modeBarButtons: [
          [...(layout.meta ? ['lasso2d', 'select2d'] : []), 'zoom2d', 'pan2d', 'resetScale2d', 'toImage'],
        ],
      };

function chartOf(figure: Figure): Chart {
  const all: readonly Chart[] = charts;
  const found = all.find(({ is }) => is(figure));
  if (found) return found;
  const [{ type }] = figure.data;
  throw new PipelineError('show.unknownChart', `None of the charts has a trace of the type '${type}'.`, {
    value: type,
  });
}
