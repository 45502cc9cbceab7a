import { type Aws, type AwsOptions, clients, identity } from './aws.js';
import { Catalogue } from './catalogue/index.js';
import { inNotebook, notebookProgress } from './notebook/index.js';
import { Pipeline } from './pipeline/index.js';
import type { OnProgress } from './progress.js';

/** Where to connect to, and who hears of progress. */
export interface ConnectOptions extends AwsOptions {
  /** Hears how far long steps have come; default: a line in the notebook's cell, nothing elsewhere. */
  onProgress?: OnProgress | undefined;
}

/** All that a notebook works with. */
export interface Connection {
  /** To ask what there is. */
  catalogue: Catalogue;
  /** To make data sets of it. */
  pipeline: Pipeline;
  /** The AWS clients, for what the kit does not do. */
  aws: Aws;
  /** Where it works: the mock's endpoint, or the AWS account and region. */
  where: string;
  /** Closes the connections. */
  close(): void;
}

/**
 * Connects to the catalogue: by the standard AWS environment, to the local mock by default. Makes sure that somebody
 * answers, and on a real account says whose it is.
 *
 * @throws PipelineError `aws.unreachable`, `aws.consent`, `aws.bucketMissing`, `aws.tableMissing`, …
 *
 * @example
 * const { catalogue, pipeline } = await connect();
 * const shoes = await pipeline.run(queries.maleShoesFrom2012);
 */
export async function connect(options: ConnectOptions = {}): Promise<Connection> {
  const aws = clients(options);
  try {
    const where = await identity(aws);
    if (aws.real) console.error(`Working in ${where}.`);
    const catalogue = new Catalogue(aws);
    await catalogue.statistics();
    const onProgress = options.onProgress ?? (inNotebook() ? notebookProgress() : undefined);
    return { catalogue, pipeline: new Pipeline(aws, { onProgress }), aws, where, close: aws.close };
  } catch (error) {
    aws.close();
    throw error;
  }
}
