import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import { pMapIterable } from 'p-map';
import type { Aws } from '../aws/index.js';
import type { DataTable } from '../catalogue/index.js';
import {
  count,
  interruptible,
  interruptibleItems,
  PipelineError,
  plural,
  randomFrom,
  shuffled,
  startOver,
} from '../work/index.js';
import { type Column, type ColumnValue, withColumn } from './column.js';
import { changed, lastDigest } from './last-digest.js';
import { type LeftOut, remaining, strangeRow } from './left-out.js';
import type { Manifest } from './manifest.js';
import { originMd5s } from './origins.js';
import { digester } from './part.js';
import { metadataColumns, type Picture, type Row } from './row.js';
import { type RowCondition, rowFilter } from './row-condition.js';
import { imageOf } from './row-image.js';
import { type Split, type SplitOptions, splitColumn, splitOf, splitRows, splitStep } from './split/index.js';
import { storedEmbeddings } from './stored-embeddings.js';
import { type WriteFormat, type WriteOptions, type Written, writeDataset } from './training/index.js';
import { ruleText, type View, type ViewStep } from './view.js';

/** Which images are fetched, and how many in advance. */
export interface ImagesOptions {
  /** How many images are fetched ahead of the one in use; default 32. */
  prefetch?: number;
  /** Only the images of these rows; default: of all rows. */
  rows?: readonly Row[];
  signal?: AbortSignal | undefined;
}

/** Where the rows of a view are among those of the folder: their places, of how many; and how they were chosen. */
interface Selection {
  at: readonly number[];
  of: number;
  steps: readonly ViewStep[];
}

const require = createRequire(import.meta.url);

/** The clients that a data set was opened with. */
export let awsOf: (dataset: Dataset) => Aws;

/**
 * An exported folder of the bucket: metadata, images and lineage. Metadata and lineage are in memory, images are
 * fetched when asked for. A view is the same with some of its rows, or with more columns; nothing of it is in the
 * bucket until `pipeline.save` makes a data set of it.
 *
 * @example
 * const shoes = await openDataset(aws, 'query_male_shoes_from_2012_as');
 * shoes.metadata.groupby('season').count().print();
 * for await (const { id, data } of shoes.images()) console.log(id, data.length);
 *
 * @example
 * const fall = shoes.where({ season: 'Fall' }).without(suspectLabels(scored)).withColumn('heel', () => 'flat');
 * console.log(String(fall), fall.view?.steps);
 * const saved = await pipeline.save(fall, 'fall_shoes', { reason: 'suspect labels left out' });
 */
export class Dataset<R extends Row = Row> {
  readonly #aws: Aws;
  readonly #selection: Selection | undefined;

  static {
    awsOf = (dataset) => dataset.#aws;
  }

  constructor(
    aws: Aws,
    /** The folder of the bucket. */
    readonly folder: string,
    /** The metadata, a row for each image. */
    readonly rows: readonly R[],
    /** Its lineage: what it was made from, and by what. */
    readonly manifest: Manifest,
    /** Why a derived data set no longer belongs to what it was made from, and what to do; undefined where it does. */
    readonly stale?: string | undefined,
    selection?: Selection,
  ) {
    this.#aws = aws;
    this.#selection = selection;
  }

  /** Of a view: how it was made, and of what; undefined for a whole data set. */
  get view(): View | undefined {
    if (!this.#selection) return undefined;
    const { of, steps } = this.#selection;
    const parent = { folder: this.folder, digest: this.manifest.digest ?? '', rows: of };
    return { parent, steps, rule: ruleText(steps) };
  }

  /** The rows as an arquero table, a column per field. */
  get metadata(): DataTable {
    // Loaded only here, for it would be a quarter of the kit's loading time; a getter cannot wait for `import()`.
    const aq = require('arquero') as typeof import('arquero');
    const columns = [...new Set(this.rows.flatMap((row) => Object.keys(row)))];
    const names = columns.length > 0 ? columns : (this.manifest.columns ?? metadataColumns);
    return aq.table(Object.fromEntries(names.map((name) => [name, this.rows.map((row) => row[name] ?? null)])));
  }

  /**
   * A view with some of the rows only, in any order, and with more columns where you like.
   *
   * @throws PipelineError `dataset.strangeRow` where a row's imagePath is not in this data set.
   *
   * @example
   * const red = shoes.rows.filter(({ baseColour }) => baseColour === 'Red');
   * show.table(shoes.select(red.map((row) => ({ ...row, heel: 'flat' }))));
   */
  select<S extends Row>(rows: readonly S[]): Dataset<S> {
    return this.#view(rows, { step: 'rows', words: `${plural(rows.length, 'row')} chosen`, rows: rows.length });
  }

  /**
   * A view with the rows that satisfy a condition, as queries have it; it can name every column of the rows.
   *
   * @throws PipelineError `condition.…`
   *
   * @example
   * const fall = shoes.where({ season: 'Fall', year: { gt: 2012 } });
   */
  where(condition: RowCondition<R>): Dataset<R> {
    const { matches, step } = rowFilter(this.rows, condition);
    return this.#view(this.rows.filter(matches), step);
  }

  /**
   * A view without some rows: rows of this data set, suspect labels, or groups of duplicates. Of each group the first
   * row that is still there stays, the others are left out.
   *
   * @throws PipelineError `dataset.strangeRow` where one is of another data set.
   *
   * @example
   * const twins = await nearDuplicates(scored);
   * const clean = shoes.without(suspectLabels(scored)).without(twins);
   */
  without(what: readonly LeftOut[] | Dataset): Dataset<R> {
    const { rows, step } = remaining(this, what instanceof Dataset ? what.rows : what);
    return this.#view(rows, step);
  }

  /**
   * A view with one more column: texts, numbers, yes or no, or lists of texts, of one type in all rows; null where a
   * row has none. It is in the metadata of what is saved or derived from the view.
   *
   * @throws PipelineError `dataset.badColumn` where the name is taken by the kit or no name, or a value is none.
   *
   * @example
   * const heels = shoes.withColumn('heel', ({ articleType }) => (articleType === 'Heels' ? 'high' : 'flat'));
   * show.bar(heels, 'heel');
   */
  withColumn<N extends string, V extends ColumnValue>(
    name: N,
    value: (row: R, index: number) => V,
  ): Dataset<R & Column<N, V>> {
    const step = { step: 'column', words: `with the column ${name}`, column: name } as const;
    return this.#view(withColumn(this.rows, name, value), step);
  }

  /** A view with rows of this data set. */
  #view<S extends Row>(rows: readonly S[], step: ViewStep): Dataset<S> {
    const { manifest, folder } = this;
    const known = new Map(this.rows.map(({ imagePath }, i) => [imagePath, i]));
    const chosen = rows.map((row) => {
      const i = known.get(row.imagePath);
      const image = i === undefined ? undefined : manifest.images[i];
      if (i !== undefined && image) return { image, at: this.#selection?.at[i] ?? i };
      throw strangeRow(row, this.uri);
    });
    const images = chosen.map(({ image }) => image);
    const selection = {
      at: chosen.map(({ at }) => at),
      of: this.#selection?.of ?? this.rows.length,
      steps: [...(this.#selection?.steps ?? []), step],
    };
    return new Dataset(this.#aws, folder, rows, { ...manifest, count: rows.length, images }, this.stale, selection);
  }

  /**
   * Splits the rows into sides for training and testing, each a view with the column `split`, without leaks: images of
   * the same bytes, those made of one product, and whatever `together` names are always on one side. Where a row goes
   * is decided by a hash of the seed and its image, so the same seed gives the same split anywhere and new rows move no
   * old one. Within classes (`stratify`) it depends on the others of the class, too: give the earlier split as `keep`
   * when rows were added.
   *
   * @param shares The sides with their shares, 1 in all.
   * @returns The sides by their names; `all` rows with the column; `sizes`, and which classes are too `small`.
   * @throws PipelineError `split.badShares`, `split.badName`, `split.unknownField`, `split.badTogether`,
   * `split.oneGroup` where too few groups are left to be torn apart, `split.badKeep`, `split.badSeed`.
   *
   * @example
   * const shares = { train: 0.8, validation: 0.1, test: 0.1 };
   * const { train, validation, test } = await shoes.split(shares, { stratify: 'articleType', seed: 1 });
   */
  async split<N extends string>(
    shares: Readonly<Record<N, number>>,
    options: SplitOptions = {},
  ): Promise<Split<N, Dataset<R & Column<typeof splitColumn, N>>>> {
    const { sides, ...found } = splitRows(this.rows, await this.origins(), shares, options);
    const rows = withColumn(this.rows, splitColumn, (_, i) => sides[i] ?? '') as (R & Column<typeof splitColumn, N>)[];
    const all = this.#view(rows, splitStep(shares, options));
    const side = (name: N) => {
      const step = { step: 'where', words: `${splitColumn} = '${name}'`, where: { [splitColumn]: name } } as const;
      return all.#view(
        rows.filter((row) => row[splitColumn] === name),
        step,
      );
    };
    return splitOf(all, Object.keys(shares) as N[], side, found);
  }

  /**
   * The MD5 in hex of each row's image or, where that is an augmented one, of the image that it was made from: rows
   * with the same are twins.
   */
  origins(): Promise<string[]> {
    return originMd5s(this.#aws, this.manifest);
  }

  /**
   * Writes the rows and images in a format that trainers read, with a README.md that says what it is and how it is
   * read. Sides of a split (write its `all`) are folders or files of their own. The same rows give the same bytes; run
   * again it completes what was stopped.
   *
   * @param format `folder`, `huggingface`, `classes`, `parquet`, `webdataset`, `tfrecord`, `sagemaker`; `csv`, `jsonl`
   * and `spreadsheet` for the rows alone.
   * @param to A folder of this machine, or of S3: `s3://my-bucket/train`.
   * @throws PipelineError `write.unknownFormat`, `write.badPlace`, `write.notEmpty`, `write.noLabel`, `write.noField`,
   * `write.noSide`, `write.noTrainingSide`, `write.noReferences`, `write.disturbed`; `file.noSpace`,
   * `file.notWritten`; `run.tooManyFailures`; `aws.…`
   *
   * @example
   * const { all } = await shoes.split({ train: 0.8, validation: 0.1, test: 0.1 }, { stratify: 'articleType' });
   * await all.write('webdataset', 'out/shoes');
   */
  write(format: WriteFormat, to: string, options: WriteOptions = {}): Promise<Written> {
    return writeDataset({ aws: this.#aws, source: this, to, options }, format);
  }

  /** Where it is: `s3://<bucket>/<folder>/`. */
  get uri(): string {
    return `s3://${this.#aws.bucket}/${this.folder}/`;
  }

  /** A digest of the images and rows, by which a derived data set records its parent. */
  get digest(): string {
    const digest = digester();
    digest.add({ rows: this.rows, images: this.manifest.images });
    return digest.hex();
  }

  /**
   * The images in the order of the rows, some fetched ahead.
   *
   * @throws PipelineError `dataset.changed` where the folder was made again since, and an image is gone; `s3.notFound`
   * where it is gone otherwise; `cell.interrupted`.
   */
  images({ prefetch = 32, rows = this.rows, signal }: ImagesOptions = {}): AsyncIterable<Picture> {
    const fetched = (signal: AbortSignal | undefined) =>
      pMapIterable(rows, (row) => this.picture(row, signal), { concurrency: prefetch, backpressure: 2 * prefetch });
    return { [Symbol.asyncIterator]: () => interruptibleItems(signal, 'images', startOver, fetched) };
  }

  /** The image of one row. */
  async picture(row: Row, signal?: AbortSignal): Promise<Picture> {
    return { id: row.id, row, data: await this.image(row, signal) };
  }

  /** The encoded image of one row. */
  image(row: Row, signal?: AbortSignal): Promise<Uint8Array> {
    return interruptible({ signal }, 'Run the cell again.', async (options) => {
      try {
        return await imageOf(this.#aws, row, options.signal);
      } catch (error) {
        if (error instanceof PipelineError && error.code === 's3.notFound') await this.#checkUnchanged();
        throw error;
      }
    });
  }

  /** @throws PipelineError `dataset.changed` where the folder holds another data set than when this one was opened. */
  async #checkUnchanged(): Promise<void> {
    const { digest } = this.manifest;
    const last = digest === undefined ? undefined : await lastDigest(this.#aws, this.folder);
    if (last?.digest !== digest) throw changed(this, last);
  }

  /**
   * The images' embeddings in a data set with predictions: unit vectors in the order of the rows, [rows, dimensions].
   * NumPy reads the file with `np.fromfile('embeddings.f16', np.float16).reshape(-1, dimensions)`.
   *
   * @throws PipelineError `dataset.noEmbeddings` where the data set has none; `dataset.changed` where its folder was
   * made again since; `dataset.malformed`.
   */
  async embeddings(): Promise<{ items: readonly R[]; embeddings: Float32Array; dimensions: number }> {
    const { rows, uri, folder } = this;
    const { dimensions } = this.manifest;
    const { at, of } = this.#selection ?? { at: [...rows.keys()], of: rows.length };
    const whole = { uri, folder, rows: of, dimensions };
    const [stored] = await Promise.all([storedEmbeddings(this.#aws, whole, at), this.#checkUnchanged()]);
    return { items: rows, ...stored };
  }

  /** At most `limit` images drawn at random, without repeats; the same seed draws the same ones. */
  async sample(limit: number, { seed = 0 }: { seed?: number } = {}): Promise<Picture[]> {
    if (!Number.isInteger(limit) || limit < 0)
      throw new PipelineError(
        'dataset.badSample',
        `A sample of ${limit} images cannot be drawn; give a whole number.`,
        {
          value: limit,
        },
      );
    const rows = shuffled(this.rows, randomFrom(seed, 'sample')).slice(0, limit);
    const pictures: Picture[] = [];
    for await (const picture of this.images({ rows })) pictures.push(picture);
    return pictures;
  }

  /** Its address, and how many rows and images it has, in one line. */
  toString(): string {
    const { view, uri, rows } = this;
    if (view) return `${uri}: ${count(rows.length)} of ${plural(view.parent.rows, 'row')}; ${view.rule}`;
    return `${uri}: ${plural(rows.length, 'row')}, ${plural(this.manifest.images.length, 'image')}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
