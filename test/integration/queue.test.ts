import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { clients } from '../../src/aws/clients.js';
import { formatNames } from '../../src/dataset/index.js';
import { Pipeline, queryOf } from '../../src/pipeline/index.js';
import type { Handler } from '../../src/pipeline/queue/event.js';
import { queueHandler } from '../../src/pipeline/queue/handle.js';
import { runWorker } from '../../src/pipeline/queue/worker.js';
import { expectSameAsDirect, leftovers } from '../pipeline/queue/setup.js';
import { uniqueName } from '../server.js';

// The handlers find their clients by the environment, as in Lambda.
Object.assign(process.env, inject('env'), { ML_PIPELINE_STACK: uniqueName('stack') });
const aws = clients();
const pipeline = new Pipeline(aws);
const known = inject('catalogue') !== 'sample';
const stop = new AbortController();
let worker: Promise<void>;

/**
 * What SQS may do with any message: deliver it twice, both at once or one after the other. Each time it is sent on,
 * too.
 */
function twice(handler: Handler): Handler {
  let atOnce = false;
  return async (event, context) => {
    atOnce = !atOnce;
    const first = handler(event, context);
    if (!atOnce) await first;
    const both = await Promise.all([first, handler(event, context)]);
    return { batchItemFailures: both.flatMap(({ batchItemFailures }) => batchItemFailures) };
  };
}

beforeAll(() => {
  worker = runWorker(aws, (task) => (task === 'copy' ? twice(queueHandler(task)) : queueHandler(task)), {
    signal: stop.signal,
  });
});
afterAll(async () => {
  stop.abort();
  await worker;
  aws.close();
});

describe('a job with every message delivered twice', () => {
  it.for([1, 3, 4, 5])(
    'gives for query %i the same ids and bytes as a direct run',
    { timeout: 240_000 },
    async (number) => {
      const query = { ...queryOf(number), folder: uniqueName(`q${number}`) };
      const job = await pipeline.run(query, { mode: 'queue', formats: number === 1 ? formatNames : [] });
      const { report } = await job.result();
      expect(report).toMatchObject({
        query: number,
        exported: report.products,
        augmented: number === 4 ? report.products : 0,
        inferred: number === 5 ? report.products : 0,
        failed: 0,
      });
      if (known) expect(report.products).toBe(number === 3 ? 0 : 684);
      await expectSameAsDirect(aws, query, number === 1 ? formatNames : []);
      // Others work in the same bucket at the same time; the second of two deliveries may still be about to end.
      const own = (key: string) => key.includes(job.id) || key.startsWith(`jobs/folders/${query.folder}/`);
      await expect.poll(async () => (await leftovers(aws)).filter(own), { timeout: 10_000 }).toEqual([]);
    },
  );
});
