import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { clients } from '../../src/aws.js';
import { Pipeline, queryOf } from '../../src/pipeline/index.js';
import type { Handler } from '../../src/pipeline/queue/event.js';
import { type Task, tasks } from '../../src/pipeline/queue/settings.js';
import { runWorker } from '../../src/pipeline/queue/worker.js';
import { expectSameAsDirect, leftovers } from '../queue/setup.js';
import { uniqueName } from '../server.js';

// The handlers find their clients by the environment, as in Lambda.
Object.assign(process.env, inject('env'), { ML_PIPELINE_STACK: uniqueName('stack') });
const aws = clients();
const pipeline = new Pipeline(aws);
const known = inject('catalogue') !== 'sample';
const stop = new AbortController();
let worker: Promise<void>;

/** What SQS may do with any message: deliver it twice, one time after the other or both at once. */
const twice =
  (handler: Handler): Handler =>
  async (event, context) => {
    const [{ batchItemFailures }] = await Promise.all([handler(event, context), handler(event, context)]);
    const again = await handler(event, context);
    return { batchItemFailures: [...batchItemFailures, ...again.batchItemFailures] };
  };

beforeAll(async () => {
  const handlers = Object.fromEntries(
    await Promise.all(tasks.map(async (task): Promise<[Task, Handler]> => [task, ((await import(`../../src/pipeline/queue/handlers/${task}.ts`)) as { handler: Handler }).handler])),
  ) as Record<Task, Handler>;
  worker = runWorker(aws, { ...handlers, augment: twice(handlers.augment), copy: twice(handlers.copy), infer: twice(handlers.infer) }, { signal: stop.signal });
});
afterAll(async () => {
  stop.abort();
  await worker;
  aws.close();
});

describe('a job with every message delivered thrice', () => {
  it.each([1, 3, 4, 5])('gives for query %i the same ids and bytes as a direct run', async (number) => {
    const query = { ...queryOf(number), folder: uniqueName(`q${number}`) };
    const job = await pipeline.run(query, { mode: 'queue', formats: number === 1 ? ['csv', 'jsonl'] : [] });
    const { report } = await job.result();
    expect(report).toMatchObject({ query: number, exported: report.products, augmented: number === 4 ? report.products : 0, inferred: number === 5 ? report.products : 0, failed: 0 });
    if (known) expect(report.products).toBe(number === 3 ? 0 : 684);
    await expectSameAsDirect(aws, query, number === 1 ? ['csv', 'jsonl'] : []);
    expect(await leftovers(aws)).toEqual([]);
  });
});
