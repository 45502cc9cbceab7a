import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Aws, getObject, putBytes, putIfUnchanged, remove } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import type { Entry } from '../entry.js';
import { kindOf } from '../field-types/index.js';
import { fashion } from '../product.js';
import type { Schema } from '../schema.js';
import { type Item, itemBytes, productPartition, schemaIndexes, sortKeyPrefix, toItem } from './items.js';
import { changeCounts, ValueCounter, valuesShape } from './values.js';

/** The shape of statistics in JSON. */
export const statisticsShape = z.object({
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
  /** The change sets that are counted, of which not all have been found to be done. */
  counted: z.array(z.string()).optional(),
  /**
   * Of a table that another system made: how many products were counted, and when (ISO 8601). `indexes` and `values`
   * are of these, `products` and `bytes` of the whole table.
   */
  sample: z.object({ items: z.number(), taken: z.string() }).optional(),
});

/**
 * How the products are distributed over the indexes, and which values their fields have. Seeding counts them, so that a
 * plan can estimate its cost and say which values of its condition do not exist.
 */
export interface Statistics extends z.infer<typeof statisticsShape> {}

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
    countInIndexes(this.#statistics, product, 1, this.#schema);
  }

  /** Counts nothing but the values of a product, of which it is not known what it takes. */
  addValues(product: Entry): void {
    this.#values.add(product);
  }

  get result(): Statistics {
    return { ...this.#statistics, values: this.#values.result };
  }
}

/** Counts a product once more, or once less, in each index that has it. */
function countInIndexes({ indexes }: Statistics, product: Entry, by: 1 | -1, schema: Schema): void {
  const group = sortGroup(sortKeyPrefix(product, schema), schema);
  for (const index of schemaIndexes(schema)) {
    const partition = productPartition(index, product, schema);
    if (partition === undefined) continue;
    const partitions = (indexes[index.name] ??= {});
    const counts = (partitions[partition] ??= {});
    // Below 0 for as long as what put a product there is not counted yet.
    const products = (counts[group] ?? 0) + by;
    if (products !== 0) counts[group] = products;
    else delete counts[group];
    if (Object.keys(counts).length === 0) delete partitions[partition];
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

/** Writes statistics that were counted anew; what is said to be counted in those before is in them, too. */
export async function replaceStatistics(aws: Aws, statistics: Statistics): Promise<void> {
  const { counted } = (await readStatistics(aws)) ?? {};
  await writeStatistics(aws, { ...statistics, ...(counted && { counted }) });
}

/** Removes the statistics: while they are missing, the catalogue counts as never completely seeded. */
export async function removeStatistics(aws: Aws): Promise<void> {
  await remove(aws, [key(aws)]);
}

/** The statistics of the table; undefined where no seeding came to its end, or another version wrote them. */
export const readStatistics = async (aws: Aws): Promise<Statistics | undefined> =>
  (await readWithEtag(aws))?.statistics;

async function readWithEtag(aws: Aws): Promise<{ statistics: Statistics; etag: string } | undefined> {
  try {
    const { bytes, etag } = await getObject(aws, key(aws));
    return { statistics: statisticsShape.parse(JSON.parse(Buffer.from(bytes).toString())), etag };
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

/** So many others may write them in between. */
const mostAttempts = 100;

/**
 * Counts the products of a change set as they are now instead of as they were, once and for all: the statistics name
 * it. Of several who change them at once, each begins again with what the other has written.
 *
 * @param ended Whether a change set that they name is done, so that they need not name it any longer.
 */
export async function countChanges(
  aws: Aws,
  id: string,
  changes: readonly { before: Entry; after: Entry }[],
  catalogueSchema: Schema,
  ended: (id: string) => Promise<boolean>,
): Promise<void> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const read = await readWithEtag(aws);
    // Those of another system's table are of a sample.
    if (!read || catalogueSchema.layout || read.statistics.counted?.includes(id)) return;
    const { statistics, etag } = read;
    for (const { before, after } of changes) {
      statistics.bytes += itemBytes(toItem(after, catalogueSchema)) - itemBytes(toItem(before, catalogueSchema));
      countInIndexes(statistics, before, -1, catalogueSchema);
      countInIndexes(statistics, after, 1, catalogueSchema);
    }
    if (statistics.values) statistics.values = changeCounts(statistics.values, changes);
    const before = statistics.counted ?? [];
    const done = await Promise.all(before.map(ended));
    statistics.counted = [...before.filter((_, i) => !done[i]), id];
    if (await putIfUnchanged(aws, key(aws), JSON.stringify(statistics), etag)) return;
    await sleep(Math.random() * 20 * Math.min(attempt + 1, 50));
  }
}
