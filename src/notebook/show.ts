import type { Picture } from '../dataset/picture.js';
import type { OnProgress } from '../progress.js';
import { barFigure, histogramFigure } from './bars.js';
import type { Tabular } from './columns.js';
import { type Pictures, compareHtml, pairs } from './compare.js';
import type { Figure } from './figure.js';
import { type GridOptions, gridHtml, gridText } from './grid.js';
import { type MimeBundle, kernelWriter } from './kernel.js';
import { predictionsHtml, predictionsText } from './predictions.js';
import { notebookProgress } from './progress.js';
import { figureSvg } from './svg.js';
import { figureText } from './text.js';
import { type TableOptions, tableHtml, tableText } from './table.js';

/**
 * Shows things below the cell that calls it; in a terminal, as text.
 *
 * @example
 * show.table(shoes.metadata);
 * show.bar(shoes.metadata, 'season');
 * show.grid(await shoes.sample(10, { seed: 1 }));
 */
export const show = {
  /** The first and last rows, and the shape. Takes an arquero table, an array of rows or a data set. */
  table(rows: Tabular, options?: TableOptions): void {
    const width = process.stdout.columns;
    put({ 'text/html': () => tableHtml(rows, options), 'text/plain': () => tableText(rows, { ...options, width }) });
  },

  /** How often each value of a column occurs, the most frequent first. */
  bar(rows: Tabular, field: string): void {
    chart(barFigure(rows, field));
  },

  /** How the numbers of a column are spread. */
  histogram(rows: Tabular, field: string): void {
    chart(histogramFigure(rows, field));
  },

  /** Images with their main columns below. */
  grid(pictures: readonly Picture[], options?: GridOptions): void {
    put({ 'text/html': () => gridHtml(pictures, options), 'text/plain': () => gridText(pictures) });
  },

  /** `n` images of a data set, drawn at random, beside their variants in a derived one. */
  async compare(before: Pictures, after: Pictures, n = 8, options?: { seed?: number }): Promise<void> {
    // Taken now: by the time the images are there, another cell may run.
    const write = kernelWriter();
    const compared = await pairs(before, after, n, options);
    const images = compared.flatMap((pair) => [pair.before, ...pair.after]);
    put({ 'text/html': () => compareHtml(compared), 'text/plain': () => gridText(images) }, write);
  },

  /** Images with their labels beside what the model predicts. */
  predictions(pictures: readonly Picture[]): void {
    put({ 'text/html': () => predictionsHtml(pictures), 'text/plain': () => predictionsText(pictures) });
  },

  /** A plan (or anything with words of its own), as text. */
  plan(plan: { toString(): string }): void {
    put({ 'text/plain': () => plan.toString() });
  },

  /** Where the long steps report to: one output updated in place. */
  progress(): OnProgress {
    return notebookProgress();
  },
};

function chart(figure: Figure): void {
  put({
    'application/vnd.plotly.v1+json': () => ({ ...figure, config: { displayModeBar: false } }),
    'image/svg+xml': () => figureSvg(figure),
    'text/plain': () => figureText(figure),
  });
}

/** To the notebook in every form; to a terminal as text only. */
function put(forms: Readonly<Record<string, () => unknown>> & { 'text/plain': () => string }, write = kernelWriter()): void {
  if (write === undefined) {
    console.log(forms['text/plain']());
    return;
  }
  const data: MimeBundle = Object.fromEntries(Object.entries(forms).map(([type, form]) => [type, form()]));
  write({ data, metadata: {}, transient: {} }, false);
}
