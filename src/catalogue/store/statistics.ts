import { z } from 'zod';
import { type Aws, getBytes, putBytes, remove } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import type { Entry } from '../entry.js';
import { kindOf } from '../field-types/index.js';
import { fashion } from '../product.js';
import type { Schema } from '../schema.js';
import { type Item, itemBytes, productPartition, schemaIndexes, sortKeyPrefix } from './items.js';
import { ValueCounter, valuesShape } from './values.js';

const schema = z.object({
  version: z.literal(1),
  /** The name of the catalogue's source. */
  source: z.string(),
  products: z.number(),
  /** The size of all items, as DynamoDB charges them. */
  bytes: z.number(),
  /** Numbers of products by index, partition, and beginning of the sort key (`-` without a value to sort by). */
  indexes: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.number()))),
  /** Undefined where an earlier version of the kit counted. */
  values: valuesShape.optional(),
});

/**
 * How the products are distributed over the indexes, and which values their fields have. Seeding counts them, so that a
 * plan can estimate its cost and say which values of its condition do not exist.
 */
export interface Statistics extends z.infer<typeof schema> {}

const key = ({ table }: Pick<Aws, 'table'>) => `catalogue/${table}.statistics.json`;

/** Counts the statistics, one product at a time. */
export class StatisticsCounter {
  readonly #statistics: Statistics;
  readonly #schema: Schema;
  readonly #values: ValueCounter;

  constructor(source: string, schema: Schema = fashion) {
    this.#schema = schema;
    this.#values = new ValueCounter(schema);
    this.#statistics = {
      version: 1,
      source,
      products: 0,
      bytes: 0,
      indexes: Object.fromEntries(schemaIndexes(schema).map(({ name }) => [name, {}])),
    };
  }

  add(product: Entry, item: Item): void {
    this.#statistics.products++;
    this.#statistics.bytes += itemBytes(item);
    this.addValues(product);
    for (const index of schemaIndexes(this.#schema)) {
      const partition = productPartition(index, product, this.#schema);
      if (partition === undefined) continue;
      const counts = ((this.#statistics.indexes[index.name] ??= {})[partition] ??= {});
      const value = sortGroup(sortKeyPrefix(product, this.#schema), this.#schema);
      counts[value] = (counts[value] ?? 0) + 1;
    }
  }

  /** Counts nothing but the values of a product, of which it is not known what it takes. */
  addValues(product: Entry): void {
    this.#values.add(product);
  }

  get result(): Statistics {
    return { ...this.#statistics, values: this.#values.result };
  }
}

/** The beginning of a sort key that is counted: of prices and times, which differ in each product, not all of it. */
const sortGroup = (sortText: string, schema: Schema): string => sortText.slice(0, groupCharacters(schema));
const groupCharacters = ({ sort, fields }: Schema) => kindOf(fields[sort ?? ''] ?? 'string').sortCharacters ?? Infinity;

/** How many products of a partition have a sort key from `low` to `high`, at most. */
export function productsWithin(
  counts: Readonly<Record<string, number>>,
  [low, high]: readonly [string, string],
  schema: Schema,
): number {
  const [first, last] = [sortGroup(low, schema), sortGroup(high, schema)];
  let products = 0;
  for (const [group, count] of Object.entries(counts)) {
    // What is shorter is not cut off: it is the value itself.
    const whole = group.length < groupCharacters(schema);
    if (whole ? `${group}#` >= low && `${group}#` <= high : group >= first && group <= last) products += count;
  }
  return products;
}

/** Writes the statistics of the table to the bucket. */
export async function writeStatistics(aws: Aws, statistics: Statistics): Promise<void> {
  await putBytes(aws, key(aws), JSON.stringify(statistics), { type: 'application/json' });
}

/** Removes the statistics: while they are missing, the catalogue counts as never completely seeded. */
export async function removeStatistics(aws: Aws): Promise<void> {
  await remove(aws, [key(aws)]);
}

/** The statistics of the table; undefined where no seeding came to its end, or another version wrote them. */
export async function readStatistics(aws: Aws): Promise<Statistics | undefined> {
  try {
    return schema.parse(JSON.parse(Buffer.from(await getBytes(aws, key(aws))).toString()));
  } catch (error) {
    if (
      error instanceof PipelineError
        ? error.code === 's3.notFound'
        : error instanceof z.ZodError || error instanceof SyntaxError
    )
      return undefined;
    throw error;
  }
}
