import { inspect } from 'node:util';
import type { Plan } from '../catalogue/index.js';
import type {
  Drift,
  DuplicateGroup,
  Embedded,
  Evaluation,
  Inspection,
  ModelComparison,
  Scored,
  Similar,
  Suspect,
} from '../curation/index.js';
import type { Difference, SplitFacts } from '../dataset/index.js';
import type { AttributeEvaluation, Item } from '../model/index.js';
import { interruptible, replaceFile, startOver } from '../work/index.js';
import {
  barFigure,
  type CountOptions,
  confusionFigure,
  crosstabFigure,
  histogramFigure,
  type PlotlyFigure,
  reliabilityFigure,
  type ScatterOptions,
  scatterFigure,
  splitFigure,
} from './charts/index.js';
import type { Tabular } from './columns.js';
import { figureForms, gridPageForms, mapForms, planForms, predictionForms, tableForms, textForms } from './forms.js';
import type { ImageSource } from './images.js';
import { put, putLater } from './kernel/output.js';
import { progress } from './kernel/progress.js';
import { type CompareOptions, compareHtml, type Pictures, pairs } from './panels/compare.js';
import { confusionsHtml, confusionsText, findAttribute, worstConfusions } from './panels/confusions.js';
import { changedRows, changePage, differenceHtml, differenceText } from './panels/difference.js';
import { driftHtml, driftText, strangePage } from './panels/drift.js';
import { type GridOptions, gridText, mostImages, noteHtml } from './panels/grid.js';
import { type IssuesOptions, issueItems, issuesHtml, issuesText } from './panels/issues.js';
import { imageMap, type MapOptions, mapProgress } from './panels/map.js';
import { type ModelsOptions, modelsHtml, modelsItems, modelsText } from './panels/models.js';
import { type MontageOptions, montage, montageHtml, montageText } from './panels/montage.js';
import type { Paging } from './panels/paging.js';
import { mostPredictions, predicted } from './panels/predictions.js';
import type { Reviewable } from './panels/proposals.js';
import { knownOf, type ReviewOptions, reviewHtml, reviewPage, reviewText } from './panels/review.js';
import { groupItems, groupsHtml, groupsText, similarHtml, similarText } from './panels/similar.js';
import { suspectPage, suspectsHtml, suspectsText } from './panels/suspects.js';
import { shownRows, type TableOptions } from './panels/table.js';
import { imagesOf, putImages, putRead, putTiles, tilesOf } from './put-images.js';
import { rowImages, type WithImages } from './row-images.js';
import { pairThumbnails, tileThumbnails } from './thumbnails.js';
import { isTiles, type Tile } from './tile.js';

/** How a sheet of images looks, which images are on it, and where it is written. */
export interface SheetOptions extends MontageOptions, Paging, WithImages {
  /** The PNG that is written, too; default: none. */
  file?: string | undefined;
}

/**
 * Shows data below the notebook cell that calls it; outside a notebook, as text on the terminal.
 *
 * @example
 * const { pipeline } = await connect();
 * const shoes = await pipeline.run(queries.maleShoesFrom2012);
 * show.table(shoes);
 * show.bar(shoes, 'season');
 * show.grid(await shoes.sample(10, { seed: 1 }));
 */
export const show = {
  /**
   * The first and last rows (10, or `limit`; or those of a `page`) of an arquero table, an array of rows, pictures or a
   * data set, with the columns' types and the number of rows and columns; a click on a column's name sorts. The first
   * column shows each row's image where the rows are pictures, or `images` says where they are: in a data set, by id,
   * or what a function returns.
   */
  table(rows: Tabular, options: TableOptions & WithImages = {}): Promise<void> {
    const source = options.images ?? (isTiles(rows) && rows.length > 0 ? imagesOf(rows) : undefined);
    if (source === undefined) return Promise.resolve(put(tableForms(rows, options)));
    return putRead(
      () => rowImages(rows, source, shownRows(rows, options)),
      (read) => tableForms(rows, options, read),
    );
  },

  /**
   * Images with their main columns below, 100 of them (`limit`) or those of a `page`; a click enlarges an image. Takes
   * a data set, pictures, or rows and in `images` where theirs are.
   */
  grid(rows: Tabular, options: GridOptions & WithImages = {}): Promise<void> {
    return putTiles(rows, options.images, { limit: mostImages, ...options }, (tiles, note) =>
      gridPageForms(tiles, options, note),
    );
  },

  /** How often each value of a column occurs, the most frequent first. */
  bar(rows: Tabular, field: string, options?: CountOptions): void {
    put(figureForms(barFigure(rows, field, options)));
  },

  /** How often the numbers of a column occur, in intervals. */
  histogram(rows: Tabular, field: string, options?: Omit<CountOptions, 'limit' | 'sort'>): void {
    put(figureForms(histogramFigure(rows, field, options)));
  },

  /** Two columns of numbers against each other, a point for each row; `colour` names a column to colour them by. */
  scatter(rows: Tabular, x: string, y: string, options?: ScatterOptions): void {
    put(figureForms(scatterFigure(rows, x, y, options)));
  },

  /**
   * How large the sides of a split are or, with a field, on which side how many of its values are; below, what is to be
   * known of the split, such as classes too small to be on every side.
   */
  split(split: SplitFacts<Tabular>, field?: string, options?: Omit<CountOptions, 'colour'>): void {
    put(figureForms(splitFigure(split, field, options)));
    put(textForms(inspect(split)));
  },

  /** How often the values of two columns occur together. */
  heatmap(rows: Tabular, x: string, y: string, options?: Omit<CountOptions, 'colour'>): void {
    put(figureForms(crosstabFigure(rows, x, y, options)));
  },

  /**
   * Images with their ids on one sheet, a PNG, which is also written to `file` where that is given: 200 of them
   * (`limit`) or those of a `page`. Takes what `show.grid` takes.
   */
  async montage(rows: Tabular, options: SheetOptions = {}): Promise<void> {
    const { file, images, limit = 200, page } = options;
    const { read, note } = tilesOf(rows, images, { limit, ...(page !== undefined && { page }) });
    await putLater(async () => {
      const sheet = await montage(await read(), options);
      if (file !== undefined) await replaceFile(file, sheet.png);
      return {
        'text/html': () => montageHtml(sheet) + noteHtml(note),
        'text/plain': () => [montageText(sheet, file), ...(note === '' ? [] : [note])].join('\n'),
      };
    });
  },

  /**
   * Images of a data set, drawn at random (8, or `limit`), beside their variants in a derived data set. Pictures can
   * stand for either.
   */
  async compare(
    before: Pictures | readonly Tile[],
    after: Pictures | readonly Tile[],
    options?: CompareOptions,
  ): Promise<void> {
    await putLater(async () => {
      const compared = await pairs(before, after, options);
      const small = await pairThumbnails(compared);
      const images = compared.flatMap((pair) => [pair.before, ...pair.after]);
      return { 'text/html': () => compareHtml(small), 'text/plain': () => gridText(images) };
    });
  },

  /**
   * Images with their labels beside the model's predictions, 50 of them (`limit`) or those of a `page`. Takes what
   * `show.grid` takes, with predictions in the rows.
   */
  predictions(rows: Tabular, options: Paging & WithImages = {}): Promise<void> {
    return putTiles(rows, options.images, { limit: mostPredictions, ...options }, (tiles, note) =>
      predictionForms(predicted(tiles), note),
    );
  },

  /** An attribute's confusion matrix: its most frequent labels (20, or `limit`) against those predicted. */
  confusion(evaluation: Evaluation | AttributeEvaluation, attribute?: string, options?: { limit?: number }): void {
    put(figureForms(confusionFigure(findAttribute(evaluation, attribute), options)));
  },

  /** How far a model's confidence in an attribute can be trusted: confidence against accuracy. */
  reliability(evaluation: Evaluation | AttributeEvaluation, attribute?: string): void {
    put(figureForms(reliabilityFigure(findAttribute(evaluation, attribute))));
  },

  /**
   * The most frequent confusions of an attribute (6, or `limit`), with images of each (6, or `images`) out of a data
   * set, pictures, or a function.
   */
  async confusions<T extends Item>(
    evaluation: Evaluation<T>,
    attribute: string,
    source: ImageSource<T>,
    options?: { limit?: number; images?: number },
  ): Promise<void> {
    const worst = worstConfusions(evaluation, attribute, options);
    await putImages(
      worst.flatMap(({ items }) => items),
      source,
      (images) => confusionsHtml(worst, images),
      () => confusionsText(worst),
    );
  },

  /**
   * Labels that are probably wrong, with their images and the model's predictions: 50 images (`limit`) or those of a
   * `page`, out of a data set, pictures, or a function.
   */
  async suspects<T extends Item>(
    suspects: readonly Suspect<T>[],
    source: ImageSource<T>,
    options?: Paging,
  ): Promise<void> {
    await putImages(
      suspectPage(suspects, options).items.map(({ item }) => item),
      source,
      (images) => suspectsHtml(suspects, images, options),
      () => suspectsText(suspects, options),
    );
  },

  /**
   * Suspect labels, filled blanks, groups of duplicates or other proposed values, to be decided one by one with keys or
   * the mouse: keep, accept, another label, leave out, undo. What was decided is a cell to paste and a file to
   * download; it survives a reload. 500 images (`limit`) or those of a `page`, out of a data set, pictures, or a
   * function.
   */
  async review<T extends Item>(
    reviewable: Reviewable<T>,
    source: ImageSource<T>,
    options: ReviewOptions = {},
  ): Promise<void> {
    const known = { ...knownOf(source, reviewPage(reviewable, options).questions), ...options };
    await putImages(
      reviewPage(reviewable, options).questions.map(({ item }) => item),
      source,
      (images) => reviewHtml(reviewable, images, known),
      () => reviewText(reviewable, options),
    );
  },

  /** An item, or an encoded image, and the items that look like it, 100 of them at most. */
  async similar<T extends Item>(
    query: T | Uint8Array,
    neighbours: readonly Similar<T>[],
    source: ImageSource<T>,
  ): Promise<void> {
    const shown = neighbours.slice(0, mostImages);
    const itself = query instanceof Uint8Array ? undefined : query;
    const first =
      query instanceof Uint8Array ? (await tileThumbnails([{ row: { id: 0 }, data: query }]))[0]?.data : query;
    await putImages(
      [...(itself ? [itself] : []), ...shown.map(({ item }) => item)],
      source,
      (images) => similarHtml(first instanceof Error || first === undefined ? query : first, shown, images),
      () => similarText(query, shown),
    );
  },

  /**
   * What was scored on a map, where images that look alike are near each other: each point shows its image, the legend
   * filters, and what the lasso or the box catches stands beside it, with a cell to copy that gives those rows, and is
   * still caught after a reload. The same seed gives the same map, which also works in an exported page.
   */
  async map<T extends Item>(scored: Scored<T> | Embedded<T>, options: MapOptions<T> = {}): Promise<void> {
    await putLater((inNotebook) =>
      interruptible({ onProgress: mapProgress(scored, options), ...options }, startOver, async (steps) =>
        mapForms(await imageMap(scored, { ...options, ...steps }, inNotebook), inNotebook),
      ),
    );
  },

  /** Groups of near duplicates (20, or `limit`; or those of a `page`), the first six images of each. */
  async groups<T extends Item>(
    groups: readonly DuplicateGroup<T>[],
    source: ImageSource<T>,
    options?: Paging,
  ): Promise<void> {
    await putImages(
      groupItems(groups, options),
      source,
      (images) => groupsHtml(groups, images, options),
      () => groupsText(groups, options),
    );
  },

  /** What is wrong with images: of each kind the worst (6, or `limit`), with score and measure. */
  async issues<T extends Item>(inspection: Inspection<T>, options?: IssuesOptions): Promise<void> {
    await putImages(
      issueItems(inspection, options),
      (item) => inspection.image(item),
      (images) => issuesHtml(inspection, images, options),
      () => issuesText(inspection, options),
    );
  },

  /**
   * Two models side by side: a line for each attribute; of one (`attribute`) the classes, and images (6, or `limit`) on
   * which only the first, only the second or neither is right, out of a data set, pictures, or a function.
   */
  async models<T extends Item>(
    comparison: ModelComparison<T>,
    source: ImageSource<T>,
    options?: ModelsOptions,
  ): Promise<void> {
    await putImages(
      modelsItems(comparison, options),
      source,
      (images) => modelsHtml(comparison, images, options),
      () => modelsText(comparison, options),
    );
  },

  /**
   * How far a data set has moved: columns, confidences, and the images least like any before, 20 of them (`limit`) or
   * those of a `page`, out of the data set that came after, pictures, or a function.
   */
  async drift<T extends Item>(drift: Drift<T>, source: ImageSource<T>, options?: Paging): Promise<void> {
    await putImages(
      strangePage(drift, options).strangest.map(({ item }) => item),
      source,
      (images) => driftHtml(drift, images, options),
      () => driftText(drift, options),
    );
  },

  /**
   * How two data sets differ, or a data set and the catalogue: a table of the values that differ, and the images of 20
   * rows (`limit`) or those of a `page`, side by side where they have other bytes.
   */
  async diff(difference: Difference, options?: Paging): Promise<void> {
    await putImages(
      changedRows(changePage(difference, options).changes),
      (row) => difference.image(row),
      (images) => differenceHtml(difference, images, options),
      () => differenceText(difference),
    );
  },

  /** Any figure of Plotly's (https://plotly.com/javascript/reference/), one of your own, too. */
  figure(figure: PlotlyFigure): void {
    put(figureForms(figure));
  },

  /** How a condition will be read: the access paths with their costs, the one chosen, and the filter after it. */
  plan(plan: Plan): void {
    put(planForms(plan));
  },

  /**
   * A progress line, updated in place: bar, count, rate, failures, time left. Around the items of a loop it counts
   * them. With a name alone it returns a tracker, which counts what its `tick` is called with until its `end`. Without
   * arguments it returns a function for the option `onProgress` of long steps.
   */
  progress,
};
