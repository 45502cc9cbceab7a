import { z } from 'zod';
import { type Aws, getBytes, putBytes, remove } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import type { Entry } from '../entry.js';
import { fashion } from '../product.js';
import type { Schema } from '../schema.js';
import { type Item, itemBytes, productPartition, schemaIndexes, sortKeyPrefix } from './items.js';

const schema = z.object({
  version: z.literal(1),
  /** Where the catalogue came from. */
  source: z.string(),
  products: z.number(),
  /** Of all items, as DynamoDB charges them. */
  bytes: z.number(),
  /** Products by index, partition and year, or whatever the schema sorts by (`-` where there is no value). */
  indexes: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.number()))),
});

/** How the products spread over the indexes: gathered at seeding, so that a plan can tell its cost before it reads. */
export interface Statistics extends z.infer<typeof schema> {}

const key = ({ table }: Pick<Aws, 'table'>) => `catalogue/${table}.statistics.json`;

/** Gathers the statistics, one product at a time. */
export class StatisticsCounter {
  readonly #statistics: Statistics;
  readonly #schema: Schema;

  constructor(source: string, schema: Schema = fashion) {
    this.#schema = schema;
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
    for (const index of schemaIndexes(this.#schema)) {
      const partition = productPartition(index, product);
      if (partition === undefined) continue;
      const counts = ((this.#statistics.indexes[index.name] ??= {})[partition] ??= {});
      const value = sortKeyPrefix(product, this.#schema);
      counts[value] = (counts[value] ?? 0) + 1;
    }
  }

  get result(): Statistics {
    return this.#statistics;
  }
}

export async function writeStatistics(aws: Aws, statistics: Statistics): Promise<void> {
  await putBytes(aws, key(aws), JSON.stringify(statistics), { type: 'application/json' });
}

/** Without its statistics a catalogue counts as not seeded to its end. */
export async function removeStatistics(aws: Aws): Promise<void> {
  await remove(aws, [key(aws)]);
}

/** The statistics of the table; undefined where it was never seeded to its end, or by something else. */
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
