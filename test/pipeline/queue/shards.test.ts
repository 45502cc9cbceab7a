import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Aws, clients } from '../../../src/aws/clients.js';
import type { JobRecord } from '../../../src/pipeline/queue/jobs/job-record.js';
import { createJob, moveJob, readJob } from '../../../src/pipeline/queue/jobs/jobs-table.js';
import {
  createShards,
  fullShards,
  markChunk,
  markShard,
  readProgress,
  removeShards,
} from '../../../src/pipeline/queue/jobs/shards.js';
import { ensureQueues } from '../../../src/pipeline/queue/provision.js';
import { concurrently } from '../../../src/work/concurrently.js';
import { testServer, uniqueName } from '../../server.js';

const server = await testServer();
let aws: Aws;
beforeAll(async () => {
  aws = clients({ env: { ...server.env, ML_PIPELINE_STACK: uniqueName('stack') } });
  await ensureQueues(aws);
});
afterAll(async () => {
  aws.close();
  await server.close();
});

/** A job of 60,000 products: more chunks than one item counts. */
async function largeJob(): Promise<JobRecord> {
  const id = uniqueName('job');
  await createJob(aws, id, {
    query: null,
    where: {},
    folder: id,
    table: 'products',
    bucket: 'images',
    access: 'scan',
    plan: 'scan',
    readUnits: { consumed: 1, scan: 1 },
    products: 60_000,
    chunkSize: 100,
    chunks: 600,
    steps: [
      { task: 'copy', fresh: true },
      { task: 'infer', model: { name: 'm', fingerprint: 'f' } },
    ],
    formats: [],
    created: new Date().toISOString(),
  });
  const job = await readJob(aws, id);
  if (!job) throw new Error('no job');
  await createShards(aws, job);
  return job;
}

const counts = { done: 100, failed: 1 };

describe('the chunks of a large job', () => {
  it('are counted once, however often and from wherever they are marked', async () => {
    const job = await largeJob();
    const marks = [...Array(600).keys()].flatMap((chunk) => [chunk, chunk]);
    const results = await concurrently(marks, (chunk) => markChunk(aws, job.id, 'infer', chunk, counts), {
      concurrency: 32,
    });
    expect(results.filter((result) => result?.news)).toHaveLength(600);
    const [copy, infer] = await readProgress(aws, job);
    expect(copy).toMatchObject({ task: 'copy', done: 0, failed: 0 });
    expect(infer).toMatchObject({ task: 'infer', done: 60_000, failed: 600 });
    expect(infer?.chunks.size).toBe(600);
  });

  it('end the job with the last one, whose mark may be repeated', async () => {
    const job = await largeJob();
    const ended: number[] = [];
    for (let chunk = 599; chunk >= 0; chunk--) {
      const mark = await markChunk(aws, job.id, 'infer', chunk, counts);
      if (mark?.full && (await markShard(aws, job, chunk))) ended.push(chunk);
    }
    expect(ended).toEqual([0]);
    expect(await markChunk(aws, job.id, 'infer', 0, counts)).toEqual({ news: false, full: true });
    expect(await markShard(aws, job, 0)).toBe(true);
  });

  it('are not marked for a job that is no longer', async () => {
    const job = await largeJob();
    await removeShards(aws, job.id);
    expect(await markChunk(aws, job.id, 'infer', 7, counts)).toBeUndefined();
    expect(await readProgress(aws, job)).toMatchObject([{ done: 0 }, { done: 0 }]);
  });

  it('tell which counters are full', () => {
    const done = new Set([...Array(600).keys()].filter((chunk) => chunk !== 260));
    expect(fullShards({ id: 'x', steps: [], chunks: 600 }, done)).toEqual([0, 500]);
  });
});

it('a job moves from one state to another once, and a failed one begins anew', async () => {
  const job = await largeJob();
  expect(await moveJob(aws, job.id, 'running', 'failed', { reason: 'all is lost' })).toBe(true);
  expect(await moveJob(aws, job.id, 'running', 'completed')).toBe(false);
  expect(await readJob(aws, job.id)).toMatchObject({ state: 'failed', reason: 'all is lost' });
  expect(await moveJob(aws, job.id, 'failed', 'running')).toBe(true);
  expect((await readJob(aws, job.id))?.reason).toBeUndefined();
});
