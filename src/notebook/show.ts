import type { Evaluation } from '../curation/index.js';
import type { Picture } from '../dataset/picture.js';
import type { AttributeEvaluation, Item } from '../model/index.js';
import type { OnProgress } from '../progress.js';
import { barFigure, histogramFigure } from './bars.js';
import type { Tabular } from './columns.js';
import { type Pictures, compareHtml, pairs } from './compare.js';
import { confusionFigure } from './confusion.js';
import { attributeOf, confusionsHtml, confusionsText, worstConfusions } from './confusions.js';
import type { Figure } from './figure.js';
import { type GridOptions, gridHtml, gridText } from './grid.js';
import { type ImageSource, type Images, imagesOf } from './images.js';
import { type MimeBundle, kernelWriter } from './kernel.js';
import { predictionsHtml, predictionsText } from './predictions.js';
import { notebookProgress } from './progress.js';
import { reliabilityFigure } from './reliability.js';
import { type Alike, type Neighbour, groupsHtml, groupsText, similarHtml, similarText } from './similar.js';
import { type Doubt, suspectsHtml, suspectsText } from './suspects.js';
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

  /** What was taken for what: an attribute's confusion matrix, its most frequent labels first. */
  confusion(evaluation: Evaluation | AttributeEvaluation, attribute?: string, options?: { most?: number }): void {
    chart(confusionFigure(attributeOf(evaluation, attribute), options));
  },

  /** How far a model's confidence in an attribute can be trusted. */
  reliability(evaluation: Evaluation | AttributeEvaluation, attribute?: string): void {
    chart(reliabilityFigure(attributeOf(evaluation, attribute)));
  },

  /** The most frequent confusions of an attribute, with images of each. */
  async confusions<T extends Item>(evaluation: Evaluation<T>, attribute: string, source: ImageSource<T>, options?: { most?: number; images?: number }): Promise<void> {
    const worst = worstConfusions(evaluation, attribute, options);
    await putImages(worst.flatMap(({ items }) => items), source, (images) => confusionsHtml(worst, images), () => confusionsText(worst));
  },

  /** Labels that a model doubts, with their images. */
  async suspects<T extends Item>(suspects: readonly Doubt<T>[], source: ImageSource<T>): Promise<void> {
    await putImages(suspects.map(({ item }) => item), source, (images) => suspectsHtml(suspects, images), () => suspectsText(suspects));
  },

  /** An item, or an encoded image of your own, and those that look like it. */
  async similar<T extends Item>(query: T | Uint8Array, neighbours: readonly Neighbour<T>[], source: ImageSource<T>): Promise<void> {
    const items = [...(query instanceof Uint8Array ? [] : [query]), ...neighbours.map(({ item }) => item)];
    await putImages(items, source, (images) => similarHtml(query, neighbours, images), () => similarText(query, neighbours));
  },

  /** Groups of near duplicates, a row each, 20 groups at most. */
  async groups<T extends Item>(groups: readonly Alike<T>[], source: ImageSource<T>, options?: { most?: number }): Promise<void> {
    const items = groups.slice(0, options?.most ?? 20).flatMap((group) => group.items);
    await putImages(items, source, (images) => groupsHtml(groups, images, options), () => groupsText(groups, options));
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

/** Reads the images of items and shows a page of them; a terminal needs none. */
async function putImages<T>(items: readonly T[], source: ImageSource<T>, page: (images: Images<T>) => string, text: () => string): Promise<void> {
  // Taken now: by the time the images are there, another cell may run.
  const write = kernelWriter();
  const images = write === undefined ? new Map<T, Uint8Array>() : await imagesOf(items, source);
  put({ 'text/html': () => page(images), 'text/plain': text }, write);
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
