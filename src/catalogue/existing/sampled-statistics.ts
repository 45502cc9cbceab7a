import { z } from 'zod';
import { type Aws, ensureBucket, getBytes, putBytes } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import type { Entry } from '../entry.js';
import { parseSchema, type Schema, schemaShape } from '../schema.js';
import { toProduct } from '../store/items.js';
import { SampleCounter } from '../store/sample-counter.js';
import { type Statistics, statisticsShape } from '../store/statistics.js';
import { type Sample, sampleOf } from './sample.js';
import { type TableFacts, tableFacts } from './table-facts.js';

/** What is kept, in the kit's bucket, of a table that another system made. */
const shape = z.object({
  version: z.literal(1),
  /** Of its keys and indexes; empty where these cannot be asked for. */
  digest: z.string(),
  schema: schemaShape,
  /** Whether the schema was found by the sample; else a person gave it. */
  found: z.boolean(),
  statistics: statisticsShape,
});
export type Kept = Omit<z.infer<typeof shape>, 'schema'> & { schema: Schema };

const key = ({ table }: Pick<Aws, 'table'>) => `catalogue/${table}.sample.json`;

/** For so long a sample stands for its table, in milliseconds. */
const lasts = 24 * 60 * 60 * 1000;

/** What is kept of a table; undefined where nothing is, or it is of another version or older than a day. */
export async function keptSample(aws: Aws): Promise<Kept | undefined> {
  try {
    const kept = shape.parse(JSON.parse(Buffer.from(await getBytes(aws, key(aws))).toString()));
    const age = Date.now() - Date.parse(kept.statistics.sample?.taken ?? '');
    return age < lasts ? { ...kept, schema: parseSchema(kept.schema) } : undefined;
  } catch (error) {
    const unread =
      error instanceof PipelineError
        ? ['s3.notFound', 'aws.bucketMissing', 'aws.denied'].includes(error.code)
        : error instanceof z.ZodError || error instanceof SyntaxError;
    if (unread) return undefined;
    throw error;
  }
}

/** Counts a sample, and keeps that for a day, where the bucket may be written to. */
export async function keepSample(
  aws: Aws,
  { facts, sample, schema, found }: { facts: TableFacts | undefined; sample: Sample; schema: Schema; found: boolean },
): Promise<Statistics> {
  const counter = new SampleCounter(schema);
  for (const item of sample.items) {
    const product = toProduct<Entry>(item, schema);
    if (product) counter.add(product);
  }
  const items = sample.items.length;
  const { products } = sample;
  const statistics: Statistics = {
    version: 1,
    source: `the table ${aws.table}`,
    products,
    bytes: Math.round(items === 0 ? 0 : (sample.bytes / items) * products),
    ...counter.result,
    sample: { items, taken: new Date().toISOString() },
  };
  const kept: Kept = { version: 1, digest: facts?.digest ?? '', schema, found, statistics };
  if (!aws.real) await ensureBucket(aws);
  // Who may but read gets the same, each time anew.
  await putBytes(aws, key(aws), JSON.stringify(kept), { type: 'application/json' }).catch(unlessDenied);
  return statistics;
}

/**
 * The statistics of a table that another system made, by a sample that is a day old at most; undefined where it may not
 * be scanned.
 */
export async function sampledStatistics(aws: Aws, schema: Schema): Promise<Statistics | undefined> {
  const kept = await keptSample(aws);
  if (kept && JSON.stringify(kept.schema) === JSON.stringify(parseSchema(schema))) return kept.statistics;
  try {
    const facts = await tableFacts(aws, aws.table).catch(unlessDenied);
    const sample = await sampleOf(aws, aws.table, facts?.items);
    return await keepSample(aws, { facts, sample, schema, found: false });
  } catch (error) {
    return unlessDenied(error);
  }
}

/** Undefined for what AWS does not allow; any other error is thrown. */
export function unlessDenied(error: unknown): undefined {
  if (error instanceof PipelineError && error.code === 'aws.denied') return undefined;
  throw error;
}
