import { inspect } from 'node:util';
import { type Aws, placeOf } from '../aws/index.js';
import type { Entry, Product, Schema } from '../catalogue/index.js';
import { type Scored, score } from '../curation/index.js';
import {
  type Dataset,
  exportDataset,
  type ListedDataset,
  listDatasets,
  type MetadataFormat,
  openDataset,
  type Removed,
  type Row,
  removeDataset,
} from '../dataset/index.js';
import { type HeadOptions, type Model, type TrainedHead, trainHead } from '../model/index.js';
import { interruptible, type OnProgress, PipelineError, type StepOptions, startOver } from '../work/index.js';
import { augmentDataset } from './augment.js';
import { exportFound } from './export-query.js';
import { predictionsName } from './folders.js';
import { inferDataset } from './infer.js';
import { withModel } from './models.js';
import { md5sOf, originsOf } from './originals.js';
import type { Augmentation, Query } from './queries.js';
import { type Job, listJobs, openJob } from './queue/jobs/job.js';
import { startJob } from './queue/jobs/start.js';
import { definitions, type Task, tasks } from './queue/tasks/index.js';
import { remembered } from './remembered.js';
import { type Run, runOf } from './run.js';
import { copyWhole, type SaveOptions, saveView } from './save.js';
import type { Verification } from './verification.js';
import { type VerifyOptions, verifyDataset } from './verify.js';

/** How a query is run. */
export interface RunOptions extends StepOptions {
  /** Formats in which the metadata is written beside metadata.json; default: none. */
  formats?: readonly MetadataFormat[];
  /** The model for `infer`; default the shipped one. */
  model?: Model;
}
/** A run by this process. */
export interface DirectOptions extends RunOptions {
  mode?: 'direct';
}
/** A run by the workers of the queues. */
export interface QueueOptions extends RunOptions {
  mode: 'queue';
}
/** Which augmented images are made. */
export interface VariantOptions extends Omit<Augmentation, 'transforms'>, StepOptions {}
/** What a head is trained on, but for the images. */
export interface ColumnOptions extends Omit<HeadOptions<Row>, 'data' | 'md5' | 'origin' | 'validation'> {
  /** A data set to measure the head on; default: about an eighth of the images. */
  validation?: Dataset | undefined;
}

const complete = 'Run the cell again to complete it: what was done is kept.';

/**
 * Runs queries to their end: read the catalogue, export, augment, infer. Steps can be taken one by one, too.
 *
 * @example
 * const { pipeline } = await connect();
 * const shoes = await pipeline.run(queries.maleShoesFrom2012);
 * const transforms = [horizontalFlip({ p: 0.5 }), rotate({ limit: 10 })];
 * const augmented = await pipeline.augment(shoes, transforms, { seed: 7, variants: 4 });
 */
export class Pipeline<P extends Entry = Product> {
  readonly #aws: Aws;
  readonly #onProgress: OnProgress | undefined;
  readonly #schema: Schema | undefined;
  /** What it has scored: labelling and training do not compute that again. */
  readonly #scored = remembered<Scored>();

  /** @param options `schema`: that of the table, as `connect` takes it; default: as `Catalogue.open` finds it. */
  constructor(
    aws: Aws,
    { onProgress, schema }: { onProgress?: OnProgress | undefined; schema?: Schema | undefined } = {},
  ) {
    this.#aws = aws;
    this.#onProgress = onProgress;
    this.#schema = schema;
  }

  /**
   * Finds the products of a query, exports their images and metadata to its folder, and augments them and infers from
   * them where the query asks for it. Run again it does only what is missing or has changed.
   *
   * @throws PipelineError `condition.…`, `dataset.badFolder`, `dataset.unknownFormat`, `run.tooManyFailures`, `aws.…`
   */
  async run(query: Query<P>, options?: DirectOptions): Promise<Run>;
  /**
   * Starts the same as a job for the queues, and returns the job: `await job.result()` is what a direct run returns.
   *
   * @throws PipelineError `condition.…`, `dataset.badFolder`, `dataset.unknownFormat`, `job.folderTaken`,
   * `augment.imageTooSmall`, `queue.missing`, `aws.…`
   */
  async run(query: Query<P>, options: QueueOptions): Promise<Job>;
  async run(
    query: Query<P>,
    { mode = 'direct', onProgress = this.#onProgress, ...options }: DirectOptions | QueueOptions = {},
  ): Promise<Run | Job> {
    if (mode === 'direct')
      return interruptible({ ...options, onProgress }, complete, (steps) => this.#run(query, { ...options, ...steps }));
    if (mode !== 'queue')
      throw new PipelineError('run.unknownMode', `There is no mode '${String(mode)}': it is direct or queue.`, {
        value: mode,
      });
    const start = (steps: StepOptions) => startJob(this.#aws, query, { ...options, schema: this.#schema, ...steps });
    return this.job(
      await interruptible(
        { ...options, onProgress },
        'Nothing is left of the job; run the cell again to start it.',
        start,
      ),
    );
  }

  /**
   * A job that some process started.
   *
   * @throws PipelineError `job.unknown`
   */
  job(id: string): Promise<Job> {
    return openJob(this.#aws, id, this.#onProgress);
  }

  /** All jobs, the newest first. */
  jobs(): Promise<Job[]> {
    return listJobs(this.#aws, this.#onProgress);
  }

  async #run(query: Query<P>, { formats, model, ...steps }: RunOptions): Promise<Run> {
    const started = performance.now();
    predictionsName(query); // Throws where it is none, before anything is exported.
    const { exported, figures } = await exportFound(
      this.#aws,
      query,
      { formats, schema: this.#schema, ...steps },
      exportDataset,
    );
    const { dataset } = exported;
    const derived = new Map<Task, Dataset>();
    for (const task of tasks) {
      const made = await definitions[task].direct?.(this.#aws, dataset, query, { model, ...steps });
      if (made) derived.set(task, made);
    }
    return runOf(dataset, derived, { ...figures, seconds: (performance.now() - started) / 1000 });
  }

  /** Makes augmented images of a data set's, in `<folder>/augmented/`. */
  augment(dataset: Dataset, transforms: Augmentation['transforms'], options: VariantOptions = {}): Promise<Dataset> {
    const { signal, onProgress = this.#onProgress, ...augmentation } = options;
    return interruptible({ signal, onProgress }, complete, (steps) =>
      augmentDataset(this.#aws, dataset, { transforms, ...augmentation }, steps),
    );
  }

  /**
   * Infers from the images of a data set by a model (default: the shipped one), into `<folder>/predictions/`; with a
   * `name` into `<folder>/predictions/<name>/`, so that those of several models stand beside each other.
   *
   * @throws PipelineError `dataset.badFolder` where the name cannot be a folder's; `run.tooManyFailures`, `aws.…`
   */
  infer(dataset: Dataset, model?: Model, options: StepOptions & { name?: string } = {}): Promise<Dataset> {
    const { name } = options;
    return this.#withModel(model, options, (used, steps) =>
      inferDataset(this.#aws, dataset, used, { ...steps, name, scored: this.#scored.all() }),
    );
  }

  /**
   * What a model (default: the shipped one) says of a data set's images, in full: what evaluate, suspectLabels, similar
   * and the like read.
   */
  score(dataset: Dataset, model?: Model, options?: StepOptions): Promise<Scored<Row>> {
    return this.#withModel(model, options, async (used, steps) => {
      const origins = await originsOf(this.#aws, dataset);
      const scored = await score(used, dataset.rows, {
        ...steps,
        data: (row) => dataset.image(row, steps.signal),
        md5: md5sOf(dataset),
        origin: ({ imagePath }) => origins.get(imagePath),
        scored: this.#scored.all(),
      });
      this.#scored.add(scored);
      // An interrupt of the cell that scored shall not stop one that looks at the images later.
      return { ...scored, image: (row) => dataset.image(row) };
    });
  }

  /** Trains a head for an attribute of your own, from a data set that has a column of its labels; see `trainHead`. */
  trainHead(dataset: Dataset, { validation, ...options }: ColumnOptions): Promise<TrainedHead> {
    const { signal, onProgress = this.#onProgress } = options;
    const { s3 } = this.#aws;
    return interruptible({ signal, onProgress }, startOver, async (steps) => {
      const sets = [dataset, ...(validation ? [validation] : [])];
      const origins = new Map(
        (await Promise.all(sets.map((set) => originsOf(this.#aws, set)))).flatMap((map) => [...map]),
      );
      return trainHead(dataset.rows, {
        ...options,
        ...steps,
        s3,
        validation: validation?.rows,
        scored: [...this.#scored.all(), ...[options.scored ?? []].flat()],
        md5: md5sOf(...sets),
        data: (row) => dataset.image(row, steps.signal),
        origin: ({ imagePath }) => origins.get(imagePath),
      });
    });
  }

  /**
   * Saves a view as a data set of its own: its rows and images, copied within the bucket, and where you ask for them
   * its augmented images and predictions. The manifest says of what it is a view, by which rule, and why. Saved again
   * it copies nothing.
   *
   * @throws PipelineError `dataset.folderTaken`, `dataset.foreignFiles`, `dataset.badFolder` where it cannot be saved
   * there; `dataset.noReason`; `dataset.noDerived`, `dataset.outdated` where there are no augmented images or
   * predictions of it; `dataset.doubleRow`; `dataset.changed` where its data set was made again since.
   *
   * @example
   * const clean = shoes.without(suspectLabels(scored));
   * const saved = await pipeline.save(clean, 'clean_shoes', { reason: 'suspect labels left out' });
   */
  save<R extends Row>(view: Dataset<R>, folder: string, options: SaveOptions): Promise<Dataset> {
    const { signal, onProgress = this.#onProgress } = options;
    return interruptible({ signal, onProgress }, complete, (steps) =>
      saveView(this.#aws, view as unknown as Dataset, folder, { ...options, ...steps }),
    );
  }

  /**
   * Copies a data set to another folder, with its augmented images and predictions.
   *
   * @throws PipelineError `dataset.notFound`, `dataset.folderTaken`, `dataset.foreignFiles`, `dataset.badFolder`
   */
  copy(folder: string, to: string, { signal, onProgress = this.#onProgress }: StepOptions = {}): Promise<Dataset> {
    return interruptible({ signal, onProgress }, complete, (steps) => copyWhole(this.#aws, folder, to, steps));
  }

  /**
   * Verifies that a data set and what was derived from it are as their manifests say: nothing missing, nothing else
   * there, all images with their bytes. With `rebuild` some rows, or all, are also made again, from what they were
   * made from, the seed and the model, and compared byte by byte. What differs is named, and is no error.
   *
   * @throws PipelineError `dataset.notFound`; `verify.otherModel` where the predictions are of another model than
   * `model`; `verify.badRebuild`.
   *
   * @example
   * const verified = await pipeline.verify('fall_shoes', { rebuild: 50 });
   * console.log(String(verified));
   */
  verify(
    folder: string,
    { signal, onProgress = this.#onProgress, ...options }: VerifyOptions = {},
  ): Promise<Verification> {
    return interruptible({ signal, onProgress }, startOver, (steps) =>
      verifyDataset(this.#aws, folder, { ...options, ...steps }),
    );
  }

  /**
   * All data sets of the bucket, with those derived from them; also what is not whole, and what is wrong with it.
   *
   * @example
   * show.table(await pipeline.datasets());
   */
  datasets({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<ListedDataset[]> {
    return interruptible({ signal }, startOver, (steps) => listDatasets(this.#aws, steps.signal));
  }

  /**
   * Removes a data set with its augmented images and predictions. What no manifest lists and no run has put there
   * stays. Where it is stopped, it can be run again.
   *
   * @throws PipelineError `dataset.notFound`; `dataset.needed` where others were saved from it, unless `force`, after
   * which they stay as they are; `run.folderTaken`, `job.folderTaken`.
   */
  remove(
    folder: string,
    { signal, force }: { force?: boolean; signal?: AbortSignal | undefined } = {},
  ): Promise<Removed> {
    return interruptible({ signal }, 'Run the cell again to remove the rest.', (steps) =>
      removeDataset(this.#aws, folder, { force, signal: steps.signal }),
    );
  }

  /** Opens what an earlier run exported to a folder. */
  open(folder: string): Promise<Dataset> {
    return openDataset(this.#aws, folder);
  }

  /** Its table, bucket and endpoint, in one line. */
  toString(): string {
    return `Pipeline of ${placeOf(this.#aws)}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** Uses a model, by default the shipped one, in work that an interrupt of the cell stops. */
  #withModel<T>(
    model: Model | undefined,
    { signal, onProgress = this.#onProgress }: StepOptions = {},
    use: (model: Model, steps: StepOptions) => Promise<T>,
  ): Promise<T> {
    return interruptible({ signal, onProgress }, startOver, (steps) =>
      withModel(model, steps.signal, (used) => use(used, steps)),
    );
  }
}
