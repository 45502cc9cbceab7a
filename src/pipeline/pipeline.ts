import type { Aws } from '../aws.js';
import { Catalogue, type Entry, type Product, columnNames } from '../catalogue/index.js';
import { type Scored, score } from '../curation/index.js';
import { type Dataset, type MetadataFormat, type Row, checkFolder, exportDataset, openDataset } from '../dataset/index.js';
import { PipelineError } from '../errors.js';
import { type HeadOptions, type Model, type TrainedHead, loadModel, trainHead } from '../model/index.js';
import type { OnProgress } from '../progress.js';
import { type StepOptions, augmentDataset } from './augment.js';
import { inferDataset } from './infer.js';
import { type Augmentation, type Query, numberOf } from './queries.js';
import { type Job, listJobs, openJob } from './queue/job.js';
import { startJob } from './queue/start.js';
import { type Run, runOf } from './run.js';

export interface RunOptions extends StepOptions {
  /** Further forms of the metadata beside metadata.json. */
  formats?: readonly MetadataFormat[];
  /** The model for `infer`; default the shipped one. */
  model?: Model;
}

/**
 * Runs queries to their end: read the catalogue, export, augment, infer. Steps can be taken one by one, too.
 *
 * @example
 * const { pipeline } = await connect();
 * const shoes = await pipeline.run(queries.maleShoesFrom2012);
 * const augmented = await pipeline.augment(shoes, [horizontalFlip({ p: 0.5 }), rotate({ limit: 10 })], { seed: 7, variants: 4 });
 */
export class Pipeline<P extends Entry = Product> {
  readonly #aws: Aws;
  readonly #onProgress: OnProgress | undefined;

  constructor(aws: Aws, { onProgress }: { onProgress?: OnProgress | undefined } = {}) {
    this.#aws = aws;
    this.#onProgress = onProgress;
  }

  /**
   * Finds the products of a query, exports their images and metadata to its folder, and augments and labels them where the
   * query asks for it. Run again it does only what is missing or has changed.
   *
   * @throws PipelineError `condition.…`, `dataset.badFolder`, `run.tooManyFailures`, `aws.…`
   */
  async run(query: Query<P>, options?: RunOptions & { mode?: 'direct' }): Promise<Run>;
  /**
   * Starts the same as a job for the queues, and gives the job: `await job.result()` is what a direct run gives.
   *
   * @throws PipelineError `condition.…`, `dataset.badFolder`, `job.folderTaken`, `queue.missing`, `aws.…`
   */
  async run(query: Query<P>, options: RunOptions & { mode: 'queue' }): Promise<Job>;
  async run(query: Query<P>, { mode = 'direct', ...options }: RunOptions & { mode?: 'direct' | 'queue' } = {}): Promise<Run | Job> {
    if (mode === 'direct') return this.#run(query, options);
    if (mode !== 'queue') throw new PipelineError('run.unknownMode', `There is no mode '${String(mode)}': it is direct or queue.`, { value: mode });
    return this.job(await startJob(this.#aws, query, { ...options, onProgress: options.onProgress ?? this.#onProgress }));
  }

  /** A job that some process started. @throws PipelineError `job.unknown` */
  job(id: string): Promise<Job> {
    return openJob(this.#aws, id, this.#onProgress);
  }

  /** All jobs, the newest first. */
  jobs(): Promise<Job[]> {
    return listJobs(this.#aws, this.#onProgress);
  }

  async #run(query: Query<P>, { formats, model, signal, onProgress = this.#onProgress }: RunOptions): Promise<Run> {
    const { where, folder, augment, infer } = query;
    const steps = { signal, onProgress };
    const started = performance.now();
    checkFolder(folder);
    const catalogue = await Catalogue.open<P>(this.#aws);
    const found = catalogue.query(where, { signal });
    const plan = await found.plan;
    const products = await found.toArray();
    const lineage = { name: query.name, where, table: this.#aws.table, plan: plan.access };
    const { dataset } = await exportDataset(this.#aws, folder, products, { query: lineage, columns: columnNames(catalogue.schema), formats, ...steps });
    const augmented = augment && (await augmentDataset(this.#aws, dataset, augment, steps));
    const labelled = infer ? await this.infer(dataset, model, steps) : undefined;
    return runOf(dataset, { augmented, labelled }, {
      query: numberOf(query),
      name: query.name ?? 'query',
      products: products.length,
      plan: String(plan),
      readUnits: { consumed: found.readUnits, scan: plan.estimate?.scanReadUnits ?? null },
      seconds: (performance.now() - started) / 1000,
    });
  }

  /** Makes augmented images of a data set's, in `<folder>/augmented/`. */
  augment(dataset: Dataset, transforms: Augmentation['transforms'], options: Omit<Augmentation, 'transforms'> & StepOptions = {}): Promise<Dataset> {
    const { seed, variants, signal, onProgress = this.#onProgress } = options;
    return augmentDataset(this.#aws, dataset, { transforms, ...(seed !== undefined && { seed }), ...(variants !== undefined && { variants }) }, { signal, onProgress });
  }

  /** Labels the images of a data set by a model (default: the shipped one), in `<folder>/predictions/`. */
  async infer(dataset: Dataset, model?: Model, { signal, onProgress = this.#onProgress }: StepOptions = {}): Promise<Dataset> {
    return withModel(model, (used) => inferDataset(this.#aws, dataset, used, { signal, onProgress }));
  }

  /** What a model (default: the shipped one) says of a data set's images, in full: what evaluate, suspectLabels, similar and the like read. */
  async score(dataset: Dataset, model?: Model, { signal, onProgress = this.#onProgress }: StepOptions = {}): Promise<Scored<Row>> {
    return withModel(model, (used) => score(used, dataset.rows, { data: (row) => dataset.image(row, signal), signal, onProgress }));
  }

  /** Teaches a model an attribute of one's own from a data set with a column for it; see {@link trainHead}. */
  trainHead(dataset: Dataset, { onProgress = this.#onProgress, ...options }: Omit<HeadOptions<Row>, 'data'>): Promise<TrainedHead> {
    return trainHead(dataset.rows, { ...options, onProgress, s3: this.#aws.s3, data: (row) => dataset.image(row, options.signal) });
  }

  /** Opens what an earlier run exported to a folder. */
  open(folder: string): Promise<Dataset> {
    return openDataset(this.#aws, folder);
  }
}

/** Uses a model, by default the shipped one, which is disposed of afterwards. */
async function withModel<T>(model: Model | undefined, use: (model: Model) => Promise<T>): Promise<T> {
  if (model) return use(model);
  const shipped = await loadModel();
  try {
    return await use(shipped);
  } finally {
    shipped.dispose();
  }
}
