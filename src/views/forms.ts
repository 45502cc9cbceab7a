import type { Plan } from '../catalogue/index.js';
import { chartConfig, figureSvg, figureText, isChart, type PlotlyFigure } from './charts/index.js';
import type { Tabular } from './columns.js';
import { html } from './html.js';
import type { Images } from './images.js';
import type { Forms } from './kernel/output.js';
import { chosen, type GridOptions, gridPage, gridPageHtml, gridText } from './panels/grid.js';
import type { ImageMap } from './panels/map.js';
import { planHtml, planText } from './panels/plan.js';
import { predictionsHtml, predictionsText } from './panels/predictions.js';
import { type TableOptions, tableHtml, tableText } from './panels/table.js';
import type { Tile } from './tile.js';

/** A table, as `show.table` draws it; `images` are those of the rows shown, by row number. */
export const tableForms = (rows: Tabular, options?: TableOptions, images?: Images<number>): Forms => ({
  'text/html': () => tableHtml(rows, options, images),
  'text/plain': () => tableText(rows, { ...options, width: process.stdout.columns }),
});

/** Images, as `show.grid` draws them: one page of them. */
export function gridForms(tiles: readonly Tile[], options: GridOptions = {}): Forms {
  const { numbers, note } = gridPage(tiles.length, options);
  return gridPageForms(chosen(tiles, numbers), options, note);
}

/** The images of one page of a grid, with a note about the others. */
export const gridPageForms = (tiles: readonly Tile[], options: GridOptions, note: string): Forms => ({
  'text/html': () => gridPageHtml(tiles, options, note),
  'text/plain': () => gridText(tiles, note),
});

/** Images with predictions, as `show.predictions` draws them: one page of them, with a note about the others. */
export const predictionForms = (tiles: readonly Tile[], note: string): Forms => ({
  'text/html': () => predictionsHtml(tiles, note),
  'text/plain': () => predictionsText(tiles, note),
});

/** A plan, as `show.plan` draws it. */
export const planForms = (plan: Plan): Forms => ({
  'text/html': () => planHtml(plan),
  'text/plain': () => planText(plan),
});

/** A chart of the kit's, with a still picture for where no script runs; or any other figure of Plotly's. */
export const figureForms = (figure: PlotlyFigure): Forms =>
  isChart(figure)
    ? {
        'application/vnd.plotly.v1+json': () => ({ ...figure, config: chartConfig(figure) }),
        'image/svg+xml': () => figureSvg(figure),
        'text/plain': () => figureText(figure),
      }
    : {
        'application/vnd.plotly.v1+json': () => ({ layout: {}, ...figure }),
        'text/plain': () =>
          `A chart of ${figure.data.map((trace) => Reflect.get(trace, 'type') ?? 'scatter').join(', ')}`,
      };

/** A map: the chart, and where it can answer the mouse what stands beside it. */
export const mapForms = ({ figure, html: panel }: ImageMap, inNotebook: boolean): Forms[] => [
  figureForms(figure),
  ...(inNotebook ? [{ 'text/html': () => panel, 'text/plain': () => 'What is caught on the map above' }] : []),
];

/** A line of text. */
export const textForms = (text: string): Forms => ({
  'text/html': () => String(html`<p>${text}</p>`),
  'text/plain': () => text,
});

/** Lines of text, a paragraph each. */
export const linesForms = (text: string): Forms => joinedForms(...text.split('\n').map(textForms));

/** Several things below one another. */
export const joinedForms = (...parts: readonly Forms[]): Forms => ({
  'text/html': () => parts.map((part) => part['text/html']?.() ?? '').join('\n'),
  'text/plain': () => parts.map((part) => part['text/plain']()).join('\n'),
});
