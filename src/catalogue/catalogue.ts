import type { ColumnTable } from 'arquero';
import type { Aws } from '../aws/index.js';
import { didYouMean, interruptibleItems, PipelineError } from '../work/index.js';
import { type Entry, fieldValue } from './entry.js';
import { type Field, fashion, type Product } from './product.js';
import { type Condition, conjuncts, parseCondition } from './query/condition.js';
import { type Plan, plan } from './query/plan.js';
import { read } from './query/read.js';
import { columnNames, type Schema } from './schema.js';
import { readStatistics, type Statistics } from './store/statistics.js';
import { checkSchema, readSchema } from './store/stored-schema.js';

/** How much of the products is read. */
export interface QueryOptions<P = Product> {
  /**
   * At most so many products; default all. With a limit they are read in one order, so the same ones come each time.
   */
  limit?: number;
  /** Only these fields of each product (and its id); default all. */
  fields?: readonly Field<P>[];
  /** Stops the reading; default: in a notebook, the interrupt of the cell. */
  signal?: AbortSignal | undefined;
}

/** Milliseconds for which queries keep the statistics: they decide how it is read, never what is found. */
const statisticsKept = 10_000;

/**
 * The product catalogue: a DynamoDB table, read by the cheapest access path that a condition allows.
 *
 * @example
 * const { catalogue } = await connect();
 * for await (const product of catalogue.query({ articleType: 'Heels', year: 2011 })) console.log(product.id);
 * const table = await catalogue.query({ gender: 'Women' }, { limit: 100 }).table();
 */
export class Catalogue<P extends Entry = Product> {
  readonly #aws: Aws;
  #recent: { statistics: Statistics; until: number } | undefined;

  /** Of a table with other fields than the fashion catalogue's, take {@link Catalogue.open}. */
  constructor(
    aws: Aws,
    /** What its products are. */
    readonly schema: Schema = fashion,
  ) {
    this.#aws = aws;
  }

  /**
   * The catalogue of a table, with the fields that it was seeded with.
   *
   * @throws PipelineError `table.otherFields` where those are not the ones wanted.
   */
  static async open<P extends Entry = Product>(aws: Aws, wanted?: Schema<P>): Promise<Catalogue<P>> {
    return new Catalogue<P>(aws, await (wanted ? checkSchema(aws, wanted) : readSchema(aws)));
  }

  /** How a condition would be read and what it would cost; reads no product. Prints as one line. */
  async explain(where: Condition<P>): Promise<Plan> {
    return plan(where, await this.statistics(), this.schema);
  }

  /**
   * The products that satisfy a condition. Nothing is read before the first one is asked for.
   *
   * @throws PipelineError `condition.…` or `query.…` where the condition or an option is wrong, at once.
   */
  query(where: Condition<P>, options: QueryOptions<P> = {}): Products<P> {
    parseCondition(where, this.schema);
    checkOptions(options, this.schema);
    return new Products<P>(this.#aws, async () => plan(where, await this.#recentStatistics(), this.schema), options);
  }

  /** What seeding learned of the catalogue; undefined where it was not seeded to its end. */
  statistics(): Promise<Statistics | undefined> {
    return readStatistics(this.#aws);
  }

  /** The same, read once for queries that follow each other. */
  async #recentStatistics(): Promise<Statistics | undefined> {
    if (!this.#recent || performance.now() > this.#recent.until) {
      const statistics = await this.statistics();
      this.#recent = statistics && { statistics, until: performance.now() + statisticsKept };
    }
    return this.#recent?.statistics;
  }
}

/** The products of one query, read as they are asked for, page by page; afterwards, what that cost. */
export class Products<P extends Entry = Product> implements AsyncIterable<P> {
  /** Read units that DynamoDB charged so far. */
  readUnits = 0;
  /** Products read so far, before the filter. */
  productsRead = 0;
  readonly #aws: Aws;
  readonly #explain: () => Promise<Plan>;
  readonly #options: QueryOptions<P>;
  #plan: Promise<Plan> | undefined;

  constructor(aws: Aws, explain: () => Promise<Plan>, options: QueryOptions<P>) {
    this.#aws = aws;
    this.#explain = explain;
    this.#options = options;
  }

  /** How the products are read. */
  get plan(): Promise<Plan> {
    return (this.#plan ??= this.#explain());
  }

  [Symbol.asyncIterator](): AsyncGenerator<P, void, undefined> {
    return interruptibleItems(
      this.#options.signal,
      'products',
      'Run the cell again to read them from the first on.',
      (signal) => this.#read(signal),
    );
  }

  async *#read(signal: AbortSignal | undefined): AsyncGenerator<P> {
    const { limit = Infinity, fields } = this.#options;
    const path = await this.plan;
    const limited = limit < Infinity;
    const pageSize = limited && conjuncts(path.filter).length === 0 ? Math.min(limit, 1000) : undefined;
    let left = limit;
    for await (const page of read<P>(this.#aws, path, { fields, signal, ordered: limited, pageSize })) {
      this.readUnits += page.readUnits;
      this.productsRead += page.read;
      for (const product of page.products) {
        signal?.throwIfAborted();
        yield product;
        if (--left === 0) return;
      }
    }
  }

  /** All of them. */
  async toArray(): Promise<P[]> {
    const products: P[] = [];
    for await (const product of this) products.push(product);
    return products;
  }

  /** All of them as an arquero table, a column per field; null where a product has no value. */
  async table(): Promise<ColumnTable> {
    const [products, aq] = await Promise.all([this.toArray(), import('arquero')]);
    const { fields } = this.#options;
    const names = columnNames((await this.plan).schema).filter(
      (name) => name === 'id' || !fields || fields.some((field) => field === name),
    );
    return aq.table(
      Object.fromEntries(names.map((name) => [name, products.map((product) => fieldValue(product, name) ?? null)])),
    );
  }
}

function checkOptions<P>({ limit, fields }: QueryOptions<P>, schema: Schema): void {
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    throw new PipelineError(
      'query.badLimit',
      `The limit is ${limit}; it must be a whole number above 0, or left out.`,
      { value: limit },
    );
  }
  const fieldNames = columnNames(schema);
  for (const field of fields ?? []) {
    if (!fieldNames.includes(field)) {
      throw new PipelineError(
        'query.unknownField',
        `There is no field '${field}'.${didYouMean(field, fieldNames)} The fields are ${fieldNames.join(', ')}.`,
        { value: field },
      );
    }
  }
}
