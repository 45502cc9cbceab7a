import { type Aws, type AwsOptions, clients, identity } from './aws/index.js';
import { Catalogue, type Entry, type Product, type Schema } from './catalogue/index.js';
import { Pipeline } from './pipeline/index.js';
import { inNotebook, notebookProgress } from './views/index.js';
import type { OnProgress } from './work/index.js';

/** Where to connect to, and who hears of progress. */
export interface ConnectOptions<P extends Entry = Product> extends AwsOptions {
  /**
   * What the table's products have to be, for data of your own; tells the compiler its fields. Default: what the table
   * says.
   */
  schema?: Schema<P> | undefined;
  /** Hears how far long steps have come; default: a line in the notebook's cell, nothing elsewhere. */
  onProgress?: OnProgress | undefined;
}

/** All that a notebook works with. */
export interface Connection<P extends Entry = Product> {
  /** To ask what there is. */
  catalogue: Catalogue<P>;
  /** To make data sets of it. */
  pipeline: Pipeline<P>;
  /** The AWS clients, for what the kit does not do. */
  aws: Aws;
  /** Where it works: the mock's endpoint, or the AWS account and region. */
  endpoint: string;
  /** Closes the connections. */
  close(): void;
}

/**
 * Connects to the catalogue: by the standard AWS environment, to the local mock by default. Makes sure that somebody
 * answers, and on a real account says whose it is.
 *
 * @throws PipelineError `aws.unreachable`, `aws.consent`, `aws.bucketMissing`, `aws.tableMissing`, `table.otherFields`
 * where the table has another schema, …
 *
 * @example
 * const { catalogue, pipeline } = await connect();
 * const shoes = await pipeline.run(queries.maleShoesFrom2012);
 */
export async function connect<P extends Entry = Product>(options: ConnectOptions<P> = {}): Promise<Connection<P>> {
  const aws = clients(options);
  try {
    const endpoint = await identity(aws);
    if (aws.real) console.error(`Working in ${endpoint}.`);
    // Says where nobody answers, or there is no bucket.
    await new Catalogue(aws).statistics();
    const catalogue = await Catalogue.open(aws, options.schema);
    const onProgress = options.onProgress ?? (inNotebook() ? notebookProgress() : undefined);
    return { catalogue, pipeline: new Pipeline<P>(aws, { onProgress }), aws, endpoint, close: aws.close };
  } catch (error) {
    aws.close();
    throw error;
  }
}
