import * as aq from 'arquero';
import type { Aws } from '../aws.js';
import { PipelineError, didYouMean } from '../errors.js';
import { interruptibleItems } from '../interrupt.js';
import { type Condition, conjuncts, parseCondition } from './condition.js';
import { type Plan, plan } from './plan.js';
import { type Field, type Product, fieldNames } from './product.js';
import { read } from './read.js';
import { type Statistics, readStatistics } from './statistics.js';

/** How much of the products is read. */
export interface QueryOptions {
  /** At most so many products; default all. With a limit they are read in one order, so the same ones come each time. */
  limit?: number;
  /** Only these fields of each product (and its id); default all. */
  fields?: readonly Field[];
  /** Stops the reading; default: in a notebook, the interrupt of the cell. */
  signal?: AbortSignal | undefined;
}

/**
 * The product catalogue: a DynamoDB table, read by the cheapest access path that a condition allows.
 *
 * @example
 * const { catalogue } = await connect();
 * for await (const product of catalogue.query({ articleType: 'Heels', year: 2011 })) console.log(product.id);
 * const table = await catalogue.query({ gender: 'Women' }, { limit: 100 }).table();
 */
export class Catalogue {
  readonly #aws: Aws;

  constructor(aws: Aws) {
    this.#aws = aws;
  }

  /** How a condition would be read and what it would cost; reads no product. Prints as one line. */
  async explain(where: Condition): Promise<Plan> {
    return plan(where, await this.statistics());
  }

  /**
   * The products that satisfy a condition. Nothing is read before the first one is asked for.
   *
   * @throws PipelineError `condition.…` or `query.…` where the condition or an option is wrong, at once.
   */
  query(where: Condition, options: QueryOptions = {}): Products {
    parseCondition(where);
    checkOptions(options);
    return new Products(this.#aws, () => this.explain(where), options);
  }

  /** What seeding learned of the catalogue; undefined where it was not seeded to its end. */
  statistics(): Promise<Statistics | undefined> {
    return readStatistics(this.#aws);
  }
}

/** The products of one query, read as they are asked for, page by page; afterwards, what that cost. */
export class Products implements AsyncIterable<Product> {
  /** Read units that DynamoDB charged so far. */
  readUnits = 0;
  /** Products read so far, before the filter. */
  productsRead = 0;
  readonly #aws: Aws;
  readonly #explain: () => Promise<Plan>;
  readonly #options: QueryOptions;
  #plan: Promise<Plan> | undefined;

  constructor(aws: Aws, explain: () => Promise<Plan>, options: QueryOptions) {
    this.#aws = aws;
    this.#explain = explain;
    this.#options = options;
  }

  /** How the products are read. */
  get plan(): Promise<Plan> {
    return (this.#plan ??= this.#explain());
  }

  [Symbol.asyncIterator](): AsyncGenerator<Product, void, undefined> {
    return interruptibleItems(this.#options.signal, 'products', 'Run the cell again to read them from the first on.', (signal) => this.#read(signal));
  }

  async *#read(signal: AbortSignal | undefined): AsyncGenerator<Product> {
    const { limit = Infinity, fields } = this.#options;
    const path = await this.plan;
    const limited = limit < Infinity;
    const pageSize = limited && conjuncts(path.filter).length === 0 ? Math.min(limit, 1000) : undefined;
    let left = limit;
    for await (const page of read(this.#aws, path, { fields, signal, ordered: limited, pageSize })) {
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
  async toArray(): Promise<Product[]> {
    const products: Product[] = [];
    for await (const product of this) products.push(product);
    return products;
  }

  /** All of them as an arquero table, a column per field; null where a product has no value. */
  async table(): Promise<aq.ColumnTable> {
    const products = await this.toArray();
    const names = this.#options.fields ? fieldNames.filter((name) => name === 'id' || this.#options.fields?.includes(name)) : fieldNames;
    return aq.table(Object.fromEntries(names.map((name) => [name, products.map((product) => product[name] ?? null)])));
  }
}

function checkOptions({ limit, fields }: QueryOptions): void {
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    throw new PipelineError('query.badLimit', `The limit is ${limit}; it must be a whole number above 0, or left out.`, { value: limit });
  }
  for (const field of fields ?? []) {
    if (!fieldNames.includes(field)) {
      throw new PipelineError('query.unknownField', `There is no field '${field}'.${didYouMean(field, fieldNames)} The fields are ${fieldNames.join(', ')}.`, { value: field });
    }
  }
}
