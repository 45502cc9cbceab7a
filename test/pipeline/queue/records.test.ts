import { PutItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Aws, clients } from '../../../src/aws/clients.js';
import { takeLock } from '../../../src/dataset/index.js';
import { Pipeline, queries } from '../../../src/pipeline/index.js';
import { readDeadLetters } from '../../../src/pipeline/queue/dead-letters.js';
import {
  createJob,
  itemAt,
  listRecords,
  noteBackend,
  noteSending,
} from '../../../src/pipeline/queue/jobs/jobs-table.js';
import { ensureQueues, queueUrl } from '../../../src/pipeline/queue/provision.js';
import { deadLetterQueueName, jobsTableName } from '../../../src/pipeline/queue/settings.js';
import { gate } from '../../scripts/gate.js';
import { run, start } from '../../scripts/script.js';
import { uniqueName } from '../../server.js';
import { all, expectSameAsDirect, leftovers, smallCatalogue, startWorker } from './setup.js';

let small: Awaited<ReturnType<typeof smallCatalogue>>;
const ends: (() => unknown)[] = [];
beforeAll(async () => {
  small = await smallCatalogue();
});
afterEach(async () => {
  vi.useRealTimers();
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => small.close());

async function stack() {
  const env = { ...small.env, ML_PIPELINE_STACK: uniqueName('stack') };
  const aws = clients({ env });
  ends.push(() => aws.close());
  await ensureQueues(aws);
  const work = async (more: Record<string, string> = {}) => {
    const worker = await startWorker({ ...env, ...more });
    ends.push(async () => {
      worker.kill();
      await worker.outcome;
    });
  };
  return { env, aws, pipeline: new Pipeline(aws), work };
}

/** All items that the table of jobs has of a job. */
async function itemsOf({ dynamodb, stack }: Aws, id: string): Promise<unknown[]> {
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: jobsTableName(stack),
      KeyConditionExpression: 'job = :job',
      ExpressionAttributeValues: { ':job': { S: id } },
    }),
  );
  return Items;
}

describe('a job that is removed', () => {
  it('while a worker copies it leaves nothing', async () => {
    const { aws, pipeline, work } = await stack();
    const door = await gate(small.endpoint);
    ends.push(door.close);
    const reached = door.hold('CopyObject', 50);
    await work({ AWS_ENDPOINT_URL: door.endpoint });
    const job = await pipeline.run(all('copy'), { mode: 'queue' });
    await reached;
    await job.remove();
    door.open();
    // The worker goes through what it has: its next job ends.
    const next = await pipeline.run(all('copy'), { mode: 'queue' });
    await next.result();
    expect(await itemsOf(aws, job.id)).toEqual([]);
    expect((await pipeline.jobs()).map(({ id }) => id)).toEqual([next.id]);
    // The notes of what it has put into its folder stay with that.
    expect((await leftovers(aws)).filter((key) => key.includes(job.id) && !key.includes('/.begun/'))).toEqual([]);
  });

  it('has no dead letters any longer', async () => {
    const { aws, pipeline } = await stack();
    const job = await pipeline.run(all('copy'), { mode: 'queue' });
    const QueueUrl = await queueUrl(aws, deadLetterQueueName(aws.stack, 'copy'));
    const letter = (id: string) => JSON.stringify({ job: id, chunk: 0, ids: [1] });
    for (const id of [job.id, 'another'])
      await aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: letter(id) }));
    await job.remove();
    expect((await readDeadLetters(aws)).map((dead) => dead.job)).toEqual(['another']);
  });

  it('is not brought back by what a handler still has to note', async () => {
    const { aws } = await stack();
    expect(await noteBackend(aws, 'gone', 'wasm')).toBeUndefined();
    expect(await noteSending(aws, 'gone')).toBeUndefined();
    expect(await itemsOf(aws, 'gone')).toEqual([]);
  });
});

describe('a malformed record', () => {
  it('is listed as such beside the others, with its reason, and can be removed', async () => {
    const { env, aws, pipeline } = await stack();
    const job = await pipeline.run(all('copy'), { mode: 'queue' });
    const half = itemAt(aws, 'half');
    await aws.dynamodb.send(
      new PutItemCommand({ TableName: half.TableName, Item: { ...half.Key, backends: { SS: ['wasm'] } } }),
    );
    const steps = [{ task: 'infer', model: { name: 'mine', fingerprint: 'f' }, name: 'strict' }];
    await createJob(aws, 'later', { ...(await listRecords(aws))[0], formats: ['xml'], steps } as never);
    const named = `${job.folder}/predictions/strict`;
    await takeLock(aws, named, { owner: 'later', kind: 'job', seconds: 60 }, async () => false);
    const { status, stdout } = await run('jobs', ['list'], env);
    expect(status).toBe(0);
    expect(stdout).toMatch(/half +\? +malformed/);
    expect(stdout).toMatch(new RegExp(`${job.id} +query +running`));
    expect(stdout).toMatch(/later is malformed: .*no metadata format 'xml'.*remove later/);
    const jobs = await pipeline.jobs();
    expect(jobs.map(({ id }) => id).sort()).toEqual([job.id, 'half', 'later'].sort());
    const [bad] = jobs.filter(({ id }) => id === 'half');
    expect(await bad?.progress()).toMatchObject({ state: 'malformed', reason: expect.stringContaining('remove half') });
    for (const act of ['resume', 'cancel', 'result'] as const)
      await expect(bad?.[act]()).rejects.toMatchObject({ code: 'job.malformed' });
    for (const id of ['half', 'later']) expect((await run('jobs', ['remove', id], env)).status).toBe(0);
    expect((await pipeline.jobs()).map(({ id }) => id)).toEqual([job.id]);
    // As far as it can be read, what it has locked is free again.
    expect((await leftovers(aws)).filter((key) => key.includes(named))).toEqual([]);
  });
});

describe('a job whose starter was killed', () => {
  it.each([
    ['before its products were written down', 0, 'job.unstarted'],
    ['before its messages were sent', 1, undefined],
  ])('%s is listed as interrupted, and resumed or removed', async (_, puts, code) => {
    const { env, aws, pipeline, work } = await stack();
    const door = await gate(small.endpoint);
    ends.push(door.close);
    const reached = door.hold(puts === 0 ? 'PutMetadata' : 'SendMessage', 0);
    const folder = uniqueName('folder');
    const starter = start('query', ['--query', '1', '--to', folder, '--queue'], {
      ...env,
      AWS_ENDPOINT_URL: door.endpoint,
    });
    await reached;
    starter.kill();
    await starter.outcome;
    const [job] = await pipeline.jobs();
    if (!job) throw new Error('no job');
    expect((await job.progress()).state).toBe('running');
    const { TableName, Key } = itemAt(aws, job.id);
    await aws.dynamodb.send(
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: 'SET sending = :then',
        ExpressionAttributeValues: { ':then': { N: String(Math.floor(Date.now() / 1000) - 100) } },
      }),
    );
    expect(await job.progress()).toMatchObject({ state: 'interrupted', reason: expect.stringContaining('resume') });
    expect((await run('jobs', [], env)).stdout).toMatch(/is interrupted: .*remove/);
    if (code) {
      await expect(job.resume()).rejects.toMatchObject({ code });
      await job.remove();
      expect(await itemsOf(aws, job.id)).toEqual([]);
      return;
    }
    await job.resume();
    await work();
    const { report } = await job.result();
    expect(report.exported).toBe(report.products);
    expect((await job.progress()).state).toBe('completed');
    await expectSameAsDirect(aws, { ...queries.maleShoesFrom2012, folder });
  });
});
