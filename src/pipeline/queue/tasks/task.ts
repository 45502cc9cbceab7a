import type { z } from 'zod';
import type { Aws } from '../../../aws/index.js';
import type { ProductId, Schema } from '../../../catalogue/index.js';
import type { Dataset, Lineage, Part, Work } from '../../../dataset/index.js';
import type { Model } from '../../../model/index.js';
import type { StepOptions } from '../../../work/index.js';
import type { Query } from '../../queries.js';

/**
 * Something that a job does with images: all that is particular to it. It has a queue, a dead-letter queue and a Lambda
 * function, which the list of tasks gives it.
 *
 * What only this task needs (sharp, TensorFlow.js) it loads by `import()` in the function that uses it: the zips of the
 * other tasks leave that out.
 */
export interface TaskDefinition<StepSchema extends z.ZodType<{ task: string }>, Made extends string> {
  /** A verb: in messages, and in the names of its queues and its function. */
  readonly name: z.infer<StepSchema>['task'];
  /** Its participle: what its images are called in a report, and its data set in a run. */
  readonly made: Made;
  /** What messages and job records carry for it. */
  readonly step: StepSchema;

  /** What it is to do for a query; undefined where the query does not ask for it. */
  plan(
    aws: Aws,
    query: Omit<Query, 'where'>,
    options: { model?: Model | undefined },
  ): Promise<z.infer<StepSchema> | undefined>;
  /**
   * Makes sure, before a job is begun, that it can be done with the first of the job's products; undefined where there
   * is nothing to make sure of.
   */
  check?(
    aws: Aws,
    job: Pick<Chunk<z.infer<StepSchema>>, 'step' | 'ids' | 'schema'>,
    signal: AbortSignal | undefined,
  ): Promise<void>;
  /** Does it with one chunk, in a handler. Done twice it returns the same. */
  run(aws: Aws, chunk: Chunk<z.infer<StepSchema>>, work: Work): Promise<Part>;
  /**
   * Does it with a whole export, in this process; undefined where the query does not ask for it. The export itself is
   * made from what the query found instead.
   */
  direct?(
    aws: Aws,
    exported: Dataset,
    query: Omit<Query, 'where'>,
    options: StepOptions & { model?: Model | undefined },
  ): Promise<Dataset | undefined>;

  /** Images that it makes, or goes through, for so many products. */
  items(step: z.infer<StepSchema>, products: number): number;
  /** The folder of its data set, by that of the export; without a step where it has no name of its own. */
  folder(exported: string, step?: z.infer<StepSchema>): string;
  /**
   * The images that it puts into that folder for a product, as names below it; where the format is not known before,
   * without the extension.
   */
  files(step: z.infer<StepSchema>, id: ProductId): string[];
  /** Where its data set comes from, for the manifest; `parent` is the export, for all but the export. */
  lineage(step: z.infer<StepSchema>, job: Origin, parent: Lineage['parent']): Lineage;

  readonly cost: Cost;
  readonly lambda: LambdaFunction;
}

/** Some products of a job on their way through its tasks. */
export interface Chunk<Step> {
  step: Step;
  /** The folder of the export. */
  folder: string;
  ids: readonly ProductId[];
  /** Undefined for the fashion catalogue, in jobs of earlier versions. */
  schema: Schema | undefined;
  /** The rows and images that the export has of these products. */
  exported(): Promise<Part>;
  /** Writes down, for the lineage, which backend a model ran on. */
  noteBackend(backend: string): Promise<void>;
}

/** What a lineage says of the job. */
export interface Origin {
  name?: string | undefined;
  where: unknown;
  table: string;
  /** The access path. */
  access: string;
  schema?: Schema | undefined;
  /** The backends that a model ran on. */
  backends: readonly string[];
}

/** What a task asks of AWS, for the estimate. */
export interface Cost {
  /** Processor time of each image. */
  cpu: { value: number; unit: string };
  /** Whether it makes as many images of each product as the query has variants. */
  variants: boolean;
  /** Where its images come from: server-side copies of the catalogue's, or reads of the export's. */
  from: 'catalogue' | 'export';
  /** Whether it puts images into a folder. */
  writes: boolean;
  /** The share of the requests at a time that it makes use of. */
  concurrency: number;
}

/** What differs between the Lambda functions. */
export interface LambdaFunction {
  description: string;
  /** The parameter that says how much memory it has. */
  memory: 'copyMemory' | 'memory';
  /** Keys of the bucket that it may read and write beside those of every function, and prefixes that it may list. */
  reads: readonly string[];
  writes: readonly string[];
  lists?: readonly string[];
  /** Whether it may read the table of products. */
  products?: boolean;
  /** What its zip has beside its code. */
  bundle: readonly ('sharp' | 'jpeg' | 'wasm' | 'weights')[];
}
