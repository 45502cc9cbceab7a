import { inspect } from 'node:util';
import type { Aws } from '../aws/index.js';
import { count, didYouMean, interruptibleItems, PipelineError, plural, visible } from '../work/index.js';
import type { DataTable } from './data-table.js';
import { type Entry, fieldValue } from './entry.js';
import { kindOf } from './field-types/index.js';
import type { Field, Product } from './product.js';
import type { Plan } from './query/plan.js';
import { conjuncts } from './query/predicate.js';
import { read } from './query/read.js';
import { emptyResult } from './query/unknown-values.js';
import { columnNames, columnTypes, type Schema } from './schema.js';

/**
 * Which part of the products a query reads.
 *
 * @example
 * const { catalogue } = await connect();
 * const products = catalogue.query({ gender: 'Women' }, { limit: 100, fields: ['year', 'baseColour'] });
 * for await (const { id, year } of products) console.log(id, year);
 */
export interface QueryOptions<P = Product> {
  /** The most products to read, above 0; default all. With a limit, the same products are read each time. */
  limit?: number;
  /** The fields to read of each product, beside its id; default all. */
  fields?: readonly Field<P>[];
  /** Stops the reading; default: in a notebook, the stop button of the cell. */
  signal?: AbortSignal | undefined;
  /**
   * Print nothing about values that no product has, or about an empty result, and leave that to `Products.notes`;
   * default false.
   */
  quiet?: boolean;
}

/**
 * The products of a query, to be read with `for await`, `Products.toArray` or `Products.table`. They are
 * read page by page as they are requested; `Products.readUnits` says what that has cost.
 *
 * @example
 * const { catalogue } = await connect();
 * const products = catalogue.query({ articleType: 'Heels' });
 * for await (const { id, baseColour } of products) console.log(id, baseColour);
 * console.log(products.productsRead, products.readUnits);
 */
export class Products<P extends Entry = Product> implements AsyncIterable<P> {
  /** Read units that DynamoDB has charged so far: half a unit for each 4 KB. */
  readUnits = 0;
  /** Products that DynamoDB has read so far, before it filtered. */
  productsRead = 0;
  /**
   * What there is to say of the result so far: values of the condition that no product has, or why it is empty. It is
   * printed as well, on stderr, unless the query is `quiet`.
   */
  notes: readonly string[] = [];
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
      'Run the cell again to read them from the beginning.',
      (signal) => this.#read(signal),
    );
  }

  async *#read(signal: AbortSignal | undefined): AsyncGenerator<P> {
    const { limit = Infinity, fields } = this.#options;
    const path = await this.plan;
    const limited = limit < Infinity;
    const pageSize = limited && conjuncts(path.filter).length === 0 ? Math.min(limit, 1000) : undefined;
    let found = 0;
    const otherKinds = new Map<string, number>();
    this.notes = [];
    this.#note(path.notes);
    for await (const page of read<P>(this.#aws, path, { fields, signal, ordered: limited, pageSize })) {
      this.readUnits += page.readUnits;
      this.productsRead += page.read;
      for (const [field, items] of page.otherKinds) otherKinds.set(field, (otherKinds.get(field) ?? 0) + items);
      for (const product of page.products) {
        signal?.throwIfAborted();
        yield product;
        if (++found === limit) return this.#note(otherKindsInWords(otherKinds, path.schema));
      }
    }
    if (found === 0 && this.notes.length === 0) this.#note([emptyResult(path.condition)]);
    this.#note(otherKindsInWords(otherKinds, path.schema));
  }

  #note(notes: readonly string[]): void {
    this.notes = [...this.notes, ...notes];
    if (!this.#options.quiet) for (const note of notes) console.warn(visible(note));
  }

  /**
   * All products of the query, in memory.
   *
   * @throws PipelineError `cell.interrupted`, `aws.…`
   */
  async toArray(): Promise<P[]> {
    const products: P[] = [];
    for await (const product of this) products.push(product);
    return products;
  }

  /**
   * The first products of the query, `limit` of them at most; no more is read than these take.
   *
   * @throws PipelineError `query.badLimit`, `cell.interrupted`, `aws.…`
   *
   * @example
   * const { catalogue } = await connect();
   * console.table(await catalogue.query({ articleType: 'Heels' }).first(5));
   */
  async first(limit = 10, { quiet = this.#options.quiet ?? false }: { quiet?: boolean } = {}): Promise<P[]> {
    const options = { ...this.#options, quiet, limit: Math.min(limit, this.#options.limit ?? Infinity) };
    checkOptions(options, (await this.plan).schema);
    const first = new Products<P>(this.#aws, () => this.plan, options);
    const products = await first.toArray();
    this.readUnits += first.readUnits;
    this.productsRead += first.productsRead;
    this.notes = first.notes;
    return products;
  }

  /** In a terminal: what was read so far, which is nothing until the products are asked for. */
  [inspect.custom](): string {
    return this.productsRead === 0
      ? 'Products, not read yet: await their toArray(), table() or first(10), or go through them with for await'
      : `Products, ${count(this.productsRead)} read for ${count(this.readUnits)} read units`;
  }

  /**
   * All products of the query as an arquero table: a row for each product, a column for each field, null where a
   * product has no value.
   *
   * @throws PipelineError `cell.interrupted`, `aws.…`
   */
  async table(): Promise<DataTable> {
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

/** How many items were read whose values are of other kinds than the schema says, a sentence for each field. */
function otherKindsInWords(otherKinds: ReadonlyMap<string, number>, schema: Schema): string[] {
  const types = columnTypes(schema);
  return [...otherKinds].map(([field, items]) =>
    field === 'id'
      ? `${plural(items, 'item')} of the table ${items === 1 ? 'was' : 'were'} left out: a key that is no id, ` +
        'such as a text of more than 200 characters.'
      : `Of ${plural(items, 'item')} that ${items === 1 ? 'was' : 'were'} read, ${field} is left out: it is not ` +
        `${kindOf(types[field] ?? 'string').title || 'a text'} there.`,
  );
}

/** @throws PipelineError `query.badLimit`, `query.unknownField` */
export function checkOptions<P>({ limit, fields }: QueryOptions<P>, schema: Schema): void {
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    throw new PipelineError(
      'query.badLimit',
      `The limit is ${limit}; it must be a whole number above 0, or left out.`,
      { value: limit },
    );
  }
  const fieldNames = columnNames(schema);
  for (const field of fields ?? []) checkField(field, fieldNames);
}

/** @throws PipelineError `query.unknownField` */
export function checkField(field: string, fieldNames: readonly string[]): void {
  if (fieldNames.includes(field)) return;
  throw new PipelineError(
    'query.unknownField',
    `There is no field '${field}'.${didYouMean(field, fieldNames)} The fields are ${fieldNames.join(', ')}.`,
    { value: field },
  );
}
