import { type Aws, type AwsOptions, clients, identity } from './aws/index.js';
import { type AnyProduct, Catalogue, type Entry, foundInWords, type Product, type Schema } from './catalogue/index.js';
import { Pipeline } from './pipeline/index.js';
import { inNotebook, notebookProgress, offerValues } from './views/index.js';
import type { OnProgress } from './work/index.js';

/**
 * Where to connect to, and how to report progress.
 *
 * @example
 * const onProgress: OnProgress = ({ stage, done }) => console.log(stage, done);
 * const { catalogue } = await connect({ table: 'Leaves', bucket: 'my-leaves', onProgress });
 */
export interface ConnectOptions<P extends Entry = Product> extends AwsOptions {
  /**
   * The schema that the table must have, for data of your own; it also gives the products their type. Default: the
   * schema of the table, whichever it is; of a table that another system made, what a sample of its items shows.
   */
  schema?: Schema<P> | undefined;
  /** Called with the progress of long steps; default: a line below the notebook's cell, and nothing elsewhere. */
  onProgress?: OnProgress | undefined;
}

/** A table that is named without its schema: the compiler does not know its fields. */
interface NamedTable {
  table: string;
  schema?: undefined;
}

/**
 * What a notebook works with.
 *
 * @example
 * const connection: Connection = await connect();
 * console.log(connection.endpoint);
 * connection.close();
 */
export interface Connection<P extends Entry = Product> {
  /** Queries the products. */
  catalogue: Catalogue<P>;
  /** Makes data sets of the products. */
  pipeline: Pipeline<P>;
  /** The AWS clients, for whatever the kit does not do. */
  aws: Aws;
  /** The mock's endpoint, or the AWS account and region. */
  endpoint: string;
  /** Closes the connections of the clients. */
  close(): void;
}

/**
 * Connects to the catalogue: to the endpoint that AWS's standard environment variables name, by default the mock on
 * this machine. Makes sure that it answers; for a real account, writes to stderr which one it is.
 *
 * @throws PipelineError `aws.consent`, `aws.badEndpoint`, `aws.badMockHost`, `aws.badTable`, `aws.badStack` before any
 * request; `aws.unreachable`, `aws.notAws`, `aws.bucketMissing`; on a real account `aws.credentials`, `aws.denied`;
 * `table.otherFields`, `table.otherLayout` where the table has another schema than `options.schema`;
 * `table.unreadableKey` where the key of a table that another system made is bytes.
 *
 * @example
 * const { catalogue, pipeline } = await connect();
 * const shoes = await pipeline.run(queries.maleShoesFrom2012);
 */
export function connect(options: ConnectOptions & NamedTable): Promise<Connection<AnyProduct>>;
export function connect<P extends Entry = Product>(options?: ConnectOptions<P>): Promise<Connection<P>>;
export async function connect<P extends Entry = Product>(options: ConnectOptions<P> = {}): Promise<Connection<P>> {
  const aws = clients(options);
  try {
    const endpoint = await identity(aws);
    if (aws.real) console.error(`Working in ${endpoint}.`);
    const catalogue = await Catalogue.open(aws, options.schema);
    const { schema } = catalogue;
    // Fails where nothing answers, or there is no bucket.
    const statistics = await catalogue.statistics();
    if (statistics?.values) offerValues(statistics.values);
    // What a notebook has on stderr looks like a mistake.
    const say = inNotebook() ? console.log : console.error;
    if (schema.layout && !options.schema) say(foundInWords(aws.table, schema, statistics?.products));
    const onProgress = options.onProgress ?? (inNotebook() ? notebookProgress() : undefined);
    return {
      catalogue,
      pipeline: new Pipeline<P>(aws, { onProgress, ...(schema.layout && { schema }) }),
      aws,
      endpoint,
      close: aws.close,
    };
  } catch (error) {
    aws.close();
    throw error;
  }
}
