import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { type Aws, sdkClient } from '../../../aws/index.js';
import { concurrently } from '../../../work/index.js';
import { jobsTableName } from '../settings.js';
import type { Task } from '../tasks/index.js';
import type { JobRecord } from './job-record.js';
import { change, expiry, itemAt, unmet } from './jobs-table.js';

/** How far a task has come. */
export interface TaskProgress {
  task: Task;
  /** Images finished, failed ones included. */
  done: number;
  failed: number;
  /** The numbers of the finished chunks. */
  chunks: ReadonlySet<number>;
}

/**
 * The finished chunks of a task are recorded in items (shards) of so many chunks each: a single item would grow beyond
 * DynamoDB's 400 KB, and each update is charged by the size of its item. This many numbers take about a kilobyte, one
 * write unit.
 */
const shardSize = 250;

type Job = Pick<JobRecord, 'id' | 'steps' | 'chunks'>;

const shardOf = (chunk: number): number => Math.floor(chunk / shardSize);
const shardsOf = (chunks: number): number => Math.ceil(chunks / shardSize);
const shardAt = (aws: Aws, job: string, task: Task, shard: number) => itemAt(aws, job, `${task}#${shard}`);

/**
 * Makes the items that a job's finished chunks are counted in. `anew`: also those that are there, so that nothing
 * counts as finished.
 */
export async function createShards(aws: Aws, { id, steps, chunks }: Job, { anew = true } = {}): Promise<void> {
  const all = steps.flatMap(({ task }) => Array.from({ length: shardsOf(chunks) }, (_, shard) => ({ task, shard })));
  await concurrently(
    all,
    async ({ task, shard }) => {
      const { TableName, Key } = shardAt(aws, id, task, shard);
      const total = Math.min(shardSize, chunks - shard * shardSize);
      try {
        await aws.dynamodb.send(
          new PutItemCommand({
            TableName,
            Item: { ...Key, expires: expiry(), total: { N: String(total) }, done: { N: '0' }, failed: { N: '0' } },
            ...(!anew && { ConditionExpression: 'attribute_not_exists(job)' }),
          }),
        );
      } catch (error) {
        if (!unmet(error)) throw error;
      }
    },
    { concurrency: 16 },
  );
}

/** Removes all items of a job but its record. */
export async function removeShards(aws: Aws, id: string): Promise<void> {
  const head = itemAt(aws, id).Key.part.S;
  await concurrently(
    itemsOf(aws, id),
    async ({ part = { S: head } }) => {
      if (part.S !== head) await aws.dynamodb.send(new DeleteItemCommand(itemAt(aws, id, part.S)));
    },
    { concurrency: 16 },
  );
}

/** The items of a job. */
async function* itemsOf(aws: Aws, id: string, signal?: AbortSignal): AsyncGenerator<Record<string, AttributeValue>> {
  const pages = paginateQuery(
    { client: sdkClient(aws.dynamodb, DynamoDBClient) },
    {
      TableName: jobsTableName(aws.stack),
      KeyConditionExpression: 'job = :job',
      ExpressionAttributeValues: { ':job': { S: id } },
      ConsistentRead: true,
    },
    { abortSignal: signal },
  );
  for await (const { Items = [] } of pages) yield* Items;
}

const shardSchema = z.object({
  part: z.object({ S: z.string() }),
  total: z.object({ N: z.coerce.number() }),
  done: z.object({ N: z.coerce.number() }),
  failed: z.object({ N: z.coerce.number() }),
  chunks: z.object({ NS: z.array(z.coerce.number()) }).optional(),
});

/** How far each task of a running job has come. */
export async function readProgress(aws: Aws, { id, steps }: Job, signal?: AbortSignal): Promise<TaskProgress[]> {
  const progress = steps.map(({ task }) => ({ task, done: 0, failed: 0, chunks: new Set<number>() }));
  for await (const item of itemsOf(aws, id, signal)) {
    const of = progress.find(({ task }) => item.part?.S?.startsWith(`${task}#`));
    if (!of) continue;
    const { done, failed, chunks } = shardSchema.parse(item);
    of.done += done.N;
    of.failed += failed.N;
    for (const chunk of chunks?.NS ?? []) of.chunks.add(chunk);
  }
  return progress;
}

/**
 * Records that a task has finished a chunk; a second time changes nothing.
 *
 * @returns Whether the chunk was not recorded before, and whether its shard is now finished; undefined where the job no
 * longer exists.
 */
export async function markChunk(
  aws: Aws,
  job: string,
  task: Task,
  chunk: number,
  counts: { done: number; failed: number },
): Promise<{ news: boolean; full: boolean } | undefined> {
  const shard = shardAt(aws, job, task, shardOf(chunk));
  const full = (item: Record<string, AttributeValue>) => {
    const { chunks, total } = shardSchema.parse(item);
    return chunks?.NS.length === total.N;
  };
  try {
    const { Attributes = {} } = await aws.dynamodb.send(
      new UpdateItemCommand({
        ...shard,
        UpdateExpression: 'ADD chunks :chunk, done :done, failed :failed',
        ConditionExpression: 'attribute_exists(job) AND NOT contains(chunks, :number)',
        ExpressionAttributeValues: {
          ':chunk': { NS: [String(chunk)] },
          ':number': { N: String(chunk) },
          ':done': { N: String(counts.done) },
          ':failed': { N: String(counts.failed) },
        },
        ReturnValues: 'ALL_NEW',
      }),
    );
    return { news: true, full: full(Attributes) };
  } catch (error) {
    if (!unmet(error)) throw error;
    const { Item } = await aws.dynamodb.send(new GetItemCommand({ ...shard, ConsistentRead: true }));
    return Item && { news: false, full: full(Item) };
  }
}

/** Records a finished shard of a job's last task; returns whether all shards are finished. */
export async function markShard(aws: Aws, { id, chunks }: Job, chunk: number): Promise<boolean> {
  const item = await change(aws, id, 'ADD finished :shard', { ':shard': { SS: [String(shardOf(chunk))] } });
  return item?.finished?.SS?.length === shardsOf(chunks);
}

/** The first chunks of those shards whose chunks are all among the `done`. */
export function fullShards({ chunks }: Job, done: ReadonlySet<number>): number[] {
  const numbers = [...Array(chunks).keys()];
  return numbers.filter(
    (chunk) => chunk % shardSize === 0 && numbers.slice(chunk, chunk + shardSize).every((other) => done.has(other)),
  );
}
