import type { Aws } from '../aws.js';
import { Catalogue } from '../catalogue/index.js';
import { type Dataset, type MetadataFormat, checkFolder, exportDataset, openDataset } from '../dataset/index.js';
import { PipelineError, didYouMean } from '../errors.js';
import type { Failure } from '../failures.js';
import { type Model, loadModel } from '../model/index.js';
import type { OnProgress } from '../progress.js';
import { type StepOptions, augmentDataset } from './augment.js';
import { inferDataset } from './infer.js';
import { type Augmentation, type Query, queries } from './queries.js';

export interface RunOptions extends StepOptions {
  /** Further forms of the metadata beside metadata.json. */
  formats?: readonly MetadataFormat[];
  /** The model for `infer`; default the shipped one. */
  model?: Model;
}

/** What a run did and what it cost. */
export interface Report {
  /** The number of a named query, from 1 to 5; null for any other. */
  query: number | null;
  name: string;
  /** The folder of the bucket that holds the result. */
  folder: string;
  /** Products found. */
  products: number;
  /** Images in the exported folder. */
  exported: number;
  augmented: number;
  inferred: number;
  /** Items that failed in some step; `failures` says why. */
  failed: number;
  /** The access path and its expected cost. */
  plan: string;
  /** DynamoDB read units: consumed by this query, and what a scan would take (null where the catalogue has no statistics). */
  readUnits: { consumed: number; scan: number | null };
  seconds: number;
}

/** The exported data set of a run, with what was derived from it. */
export type Run = Dataset & {
  /** The augmented images, where the query asks for them. */
  augmented: Dataset | undefined;
  /** The rows with predictions, where the query asks for them. */
  labelled: Dataset | undefined;
  report: Report;
  /** The items that failed, in any step. */
  failures: Failure[];
};

/**
 * Runs queries to their end: read the catalogue, export, augment, infer. Steps can be taken one by one, too.
 *
 * @example
 * const { pipeline } = await connect();
 * const shoes = await pipeline.run(queries.maleShoesFrom2012);
 * const augmented = await pipeline.augment(shoes, [horizontalFlip({ p: 0.5 }), rotate({ limit: 10 })], { seed: 7, variants: 4 });
 */
export class Pipeline {
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
  async run(query: Query, options: RunOptions = {}): Promise<Run> {
    const { where, folder, augment, infer } = query;
    const { formats, model, signal } = options;
    const steps = { signal, onProgress: options.onProgress ?? this.#onProgress };
    const started = performance.now();
    checkFolder(folder);
    const found = new Catalogue(this.#aws).query(where, { signal });
    const plan = await found.plan;
    const products = await found.toArray();
    const lineage = { name: query.name, where, table: this.#aws.table, plan: plan.access };
    const { dataset } = await exportDataset(this.#aws, folder, products, { query: lineage, formats, ...steps });
    const augmented = augment && (await augmentDataset(this.#aws, dataset, augment, steps));
    const labelled = infer ? await this.infer(dataset, model, steps) : undefined;
    const failures = [dataset, augmented, labelled].flatMap((made) => made?.manifest.failures ?? []);
    const number = numberOf(query);
    const report: Report = {
      query: number,
      name: query.name ?? 'query',
      folder,
      products: products.length,
      exported: dataset.rows.length,
      augmented: augmented?.rows.length ?? 0,
      inferred: labelled?.rows.length ?? 0,
      failed: failures.length,
      plan: String(plan),
      readUnits: { consumed: found.readUnits, scan: plan.estimate?.scanReadUnits ?? null },
      seconds: Math.round(performance.now() - started) / 1000,
    };
    return Object.assign(dataset, { augmented, labelled, report, failures });
  }

  /** Makes augmented images of a data set's, in `<folder>/augmented/`. */
  augment(dataset: Dataset, transforms: Augmentation['transforms'], options: Omit<Augmentation, 'transforms'> & StepOptions = {}): Promise<Dataset> {
    const { seed, variants, signal, onProgress = this.#onProgress } = options;
    return augmentDataset(this.#aws, dataset, { transforms, ...(seed !== undefined && { seed }), ...(variants !== undefined && { variants }) }, { signal, onProgress });
  }

  /** Labels the images of a data set by a model (default: the shipped one), in `<folder>/predictions/`. */
  async infer(dataset: Dataset, model?: Model, { signal, onProgress = this.#onProgress }: StepOptions = {}): Promise<Dataset> {
    if (model) return inferDataset(this.#aws, dataset, model, { signal, onProgress });
    const shipped = await loadModel();
    try {
      return await inferDataset(this.#aws, dataset, shipped, { signal, onProgress });
    } finally {
      shipped.dispose();
    }
  }

  /** Opens what an earlier run exported to a folder. */
  open(folder: string): Promise<Dataset> {
    return openDataset(this.#aws, folder);
  }
}

const named: readonly Query[] = Object.values(queries);

/** The named query of a number from 1 to 5 or a name. @throws PipelineError `query.unknown` */
export function queryOf(numberOrName: number | string): Query {
  const query = named[Number(numberOrName) - 1] ?? named.find(({ name }) => name === numberOrName);
  if (query) return query;
  throw new PipelineError(
    'query.unknown',
    `There is no query '${numberOrName}'.${didYouMean(String(numberOrName), Object.keys(queries))} The queries are ${named.map(({ name }, i) => `${i + 1} ${name}`).join(', ')}.`,
    { value: numberOrName },
  );
}

function numberOf(query: Query): number | null {
  const index = named.findIndex(({ name, where }) => name === query.name && where === query.where);
  return index < 0 ? null : index + 1;
}
