import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plan } from '../catalogue/index.js';
import type { Evaluation } from '../curation/index.js';
import type { Picture } from '../dataset/index.js';
import type { AttributeEvaluation, Item } from '../model/index.js';
import { type OnProgress, PipelineError, type Tracker } from '../work/index.js';
import { barFigure, histogramFigure } from './charts/bars.js';
import { confusionFigure } from './charts/confusion.js';
import { crosstabFigure } from './charts/crosstab.js';
import type { Figure } from './charts/figure.js';
import { reliabilityFigure } from './charts/reliability.js';
import { type ScatterOptions, scatterFigure } from './charts/scatter.js';
import { figureSvg } from './charts/svg.js';
import { figureText } from './charts/text.js';
import type { Tabular } from './columns.js';
import { type ImageSource, type Images, imagesOf } from './images.js';
import { kernelWriter, type MimeBundle } from './kernel/kernel.js';
import { loopProgress, notebookProgress, type ProgressOptions, stepProgress } from './kernel/progress.js';
import { compareHtml, type Pictures, pairs } from './panels/compare.js';
import { attributeOf, confusionsHtml, confusionsText, worstConfusions } from './panels/confusions.js';
import { type GridOptions, gridHtml, gridText, isTiles, type Tile } from './panels/grid.js';
import { type MontageOptions, montage, montageHtml, montageText } from './panels/montage.js';
import { planHtml, planText } from './panels/plan.js';
import { predictionsHtml, predictionsText } from './panels/predictions.js';
import {
  type Alike,
  groupItems,
  groupsHtml,
  groupsText,
  type Neighbour,
  similarHtml,
  similarText,
} from './panels/similar.js';
import { type Doubt, suspectsHtml, suspectsText } from './panels/suspects.js';
import { shownRows, type TableOptions, tableHtml, tableText } from './panels/table.js';
import { type RowImages, rowImages, rowTiles } from './row-images.js';

/**
 * Shows things below the cell that calls it; in a terminal, as text.
 *
 * @example
 * show.table(shoes.metadata);
 * show.bar(shoes.metadata, 'season');
 * show.grid(await shoes.sample(10, { seed: 1 }));
 */
export const show = {
  /**
   * The first and last rows, their types and the shape; a click on a name sorts. Takes an arquero table, an array of
   * rows or a data set. With `images` each row's image is in front: from a data set, by id, or from a function.
   */
  table,

  /**
   * Images with their main columns below; a click enlarges one. Takes pictures, or rows and with `images` where to read
   * theirs.
   */
  grid,

  /** How often each value of a column occurs, the most frequent first. */
  bar(rows: Tabular, field: string): void {
    chart(barFigure(rows, field));
  },

  /** How the numbers of a column are spread. */
  histogram(rows: Tabular, field: string): void {
    chart(histogramFigure(rows, field));
  },

  /** Two columns of numbers against each other, a point for each row, coloured by a third column where you name one. */
  scatter(rows: Tabular, x: string, y: string, options?: ScatterOptions): void {
    chart(scatterFigure(rows, x, y, options));
  },

  /** How often the values of two columns occur together. */
  heatmap(rows: Tabular, x: string, y: string): void {
    chart(crosstabFigure(rows, x, y));
  },

  /** Images with their ids on one sheet, a PNG; with `file` it is written there, too. */
  async montage(
    pictures: readonly Tile[],
    { file, ...options }: MontageOptions & { file?: string } = {},
  ): Promise<void> {
    // Taken now: by the time the sheet is there, another cell may run.
    const write = kernelWriter();
    const sheet = await montage(pictures, options);
    if (file !== undefined) {
      await mkdir(path.dirname(path.resolve(file)), { recursive: true });
      await writeFile(file, sheet.png);
    }
    put({ 'text/html': () => montageHtml(sheet), 'text/plain': () => montageText(sheet, file) }, write);
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
  async confusions<T extends Item>(
    evaluation: Evaluation<T>,
    attribute: string,
    source: ImageSource<T>,
    options?: { most?: number; images?: number },
  ): Promise<void> {
    const worst = worstConfusions(evaluation, attribute, options);
    await putImages(
      worst.flatMap(({ items }) => items),
      source,
      (images) => confusionsHtml(worst, images),
      () => confusionsText(worst),
    );
  },

  /** Labels that a model doubts, with their images. */
  async suspects<T extends Item>(suspects: readonly Doubt<T>[], source: ImageSource<T>): Promise<void> {
    await putImages(
      suspects.map(({ item }) => item),
      source,
      (images) => suspectsHtml(suspects, images),
      () => suspectsText(suspects),
    );
  },

  /** An item, or an encoded image of your own, and those that look like it. */
  async similar<T extends Item>(
    query: T | Uint8Array,
    neighbours: readonly Neighbour<T>[],
    source: ImageSource<T>,
  ): Promise<void> {
    const items = [...(query instanceof Uint8Array ? [] : [query]), ...neighbours.map(({ item }) => item)];
    await putImages(
      items,
      source,
      (images) => similarHtml(query, neighbours, images),
      () => similarText(query, neighbours),
    );
  },

  /** Groups of near duplicates, a row each: of 20 groups at most (`most`), ten images at most. */
  async groups<T extends Item>(
    groups: readonly Alike<T>[],
    source: ImageSource<T>,
    options?: { most?: number },
  ): Promise<void> {
    await putImages(
      groupItems(groups, options),
      source,
      (images) => groupsHtml(groups, images, options),
      () => groupsText(groups, options),
    );
  },

  /** How a condition will be read: the access paths with their costs, the one chosen, and what is filtered then. */
  plan(plan: Plan): void {
    put({ 'text/html': () => planHtml(plan), 'text/plain': () => planText(plan) });
  },

  /**
   * A line updated in place: bar, count, rate, failures, time left. Around a loop's items it counts them; by its name
   * alone it counts what `tick` tells it, till `end`; without anything it is where the long steps report to.
   */
  progress,
};

function table(rows: Tabular, options?: TableOptions): void;
function table(rows: Tabular, options: TableOptions & { images: RowImages }): Promise<void>;
function table(
  rows: Tabular,
  { images, ...options }: TableOptions & { images?: RowImages } = {},
): void | Promise<void> {
  const text = () => tableText(rows, { ...options, width: process.stdout.columns });
  if (images === undefined) return put({ 'text/html': () => tableHtml(rows, options), 'text/plain': text });
  return putRead(
    () => rowImages(rows, images, shownRows(rows, options)),
    (read) => tableHtml(rows, options, read),
    text,
  );
}

function grid(pictures: readonly Tile[], options?: GridOptions): void;
function grid(rows: Tabular, options: GridOptions & { images: RowImages }): Promise<void>;
function grid(
  pictures: readonly Tile[] | Tabular,
  { images, ...options }: GridOptions & { images?: RowImages } = {},
): void | Promise<void> {
  const write = kernelWriter();
  const putTiles = (tiles: readonly Tile[]) =>
    put({ 'text/html': () => gridHtml(tiles, options), 'text/plain': () => gridText(tiles) }, write);
  if (images !== undefined) return rowTiles(pictures, images).then(putTiles);
  if (isTiles(pictures)) return putTiles(pictures);
  throw new PipelineError(
    'show.noImages',
    'Rows have no images in them. Say where theirs are: show.grid(rows, { images: dataset }).',
  );
}

function progress(): OnProgress;
function progress(stage: string, options?: ProgressOptions): Tracker;
function progress<T>(
  items: Iterable<T> | AsyncIterable<T>,
  stage?: string,
  options?: ProgressOptions,
): AsyncGenerator<T>;
function progress<T>(
  of?: string | Iterable<T> | AsyncIterable<T>,
  stage?: string | ProgressOptions,
  options?: ProgressOptions,
): OnProgress | Tracker | AsyncGenerator<T> {
  if (of === undefined) return notebookProgress();
  if (typeof of === 'string') return stepProgress(of, typeof stage === 'string' ? options : stage);
  return loopProgress(of, typeof stage === 'string' ? stage : 'loop', options);
}

function chart(figure: Figure): void {
  put({
    'application/vnd.plotly.v1+json': () => ({ ...figure, config: { displayModeBar: false } }),
    'image/svg+xml': () => figureSvg(figure),
    'text/plain': () => figureText(figure),
  });
}

const putImages = <T>(
  items: readonly T[],
  source: ImageSource<T>,
  page: (images: Images<T>) => string,
  text: () => string,
): Promise<void> => putRead(() => imagesOf(items, source), page, text);

/** Reads images and shows a page of them; a terminal needs none. */
async function putRead<T>(
  read: () => Promise<Images<T>>,
  page: (images: Images<T>) => string,
  text: () => string,
): Promise<void> {
  // Taken now: by the time the images are there, another cell may run.
  const write = kernelWriter();
  const images = write === undefined ? new Map<T, Uint8Array>() : await read();
  put({ 'text/html': () => page(images), 'text/plain': text }, write);
}

/** To the notebook in every form; to a terminal as text only. */
function put(
  forms: Readonly<Record<string, () => unknown>> & { 'text/plain': () => string },
  write = kernelWriter(),
): void {
  if (write === undefined) {
    console.log(forms['text/plain']());
    return;
  }
  const data: MimeBundle = Object.fromEntries(Object.entries(forms).map(([type, form]) => [type, form()]));
  write({ data, metadata: {}, transient: {} }, false);
}
