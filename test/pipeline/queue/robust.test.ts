import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { remove } from '../../../src/aws/bucket.js';
import { type Aws, clients } from '../../../src/aws/clients.js';
import { getBytes } from '../../../src/aws/get-object.js';
import { Catalogue } from '../../../src/catalogue/index.js';
import { holdFolder, releaseLock, takeLock } from '../../../src/dataset/index.js';
import { Pipeline } from '../../../src/pipeline/index.js';
import { readDeadLetters } from '../../../src/pipeline/queue/dead-letters.js';
import { ensureQueues, queueUrl } from '../../../src/pipeline/queue/provision.js';
import { queueName } from '../../../src/pipeline/queue/settings.js';
import { concurrently } from '../../../src/work/concurrently.js';
import { faultyProxy } from '../../faults.js';
import { filesOf } from '../../integration/shared.js';
import { gate } from '../../scripts/gate.js';
import type { Running } from '../../scripts/script.js';
import { uniqueName } from '../../server.js';
import { all, expectSameAsDirect, leftovers, smallCatalogue, startWorker } from './setup.js';

let small: Awaited<ReturnType<typeof smallCatalogue>>;
const workers: Running[] = [];
const opened: Aws[] = [];
beforeAll(async () => {
  small = await smallCatalogue();
});
afterAll(async () => {
  for (const worker of workers) worker.kill();
  await Promise.all(workers.map(({ outcome }) => outcome));
  for (const aws of opened) aws.close();
  await small.close();
});

/** A stack of queues of its own on the shared catalogue. */
function stack(overrides: Record<string, string> = {}) {
  const env = { ...small.env, ML_PIPELINE_STACK: uniqueName('stack'), ...overrides };
  const aws = clients({ env });
  opened.push(aws);
  const work = async (more: Record<string, string> = {}) => {
    const worker = await startWorker({ ...env, ...more });
    workers.push(worker);
    return worker;
  };
  return { env, aws, pipeline: new Pipeline(aws), work };
}

/** The ids of all products. */
const ids = async (aws: Aws) => (await new Catalogue(aws).query({ id: { gt: 0 } }).toArray()).map(({ id }) => id);

describe.concurrent('a worker that is killed', () => {
  it.for([
    ['copies', 'copy', 'CopyObject'],
    ['augments', 'augment', 'PutImage'],
    ['labels', 'infer', 'GetImage'],
    ['completes', 'copy', 'PutMetadata'],
  ] as const)(
    'while it %s loses nothing: another one finishes the job',
    { timeout: 180_000 },
    async ([, task, action]) => {
      const { aws, pipeline, work } = stack();
      const door = await gate(small.endpoint);
      // Of the metadata, each chunk's result is the first.
      const reached = door.hold(action, action === 'PutMetadata' ? Math.ceil(small.products / 100) : 130);
      const victim = await work({ AWS_ENDPOINT_URL: door.endpoint });
      const query = all(task);
      const job = await pipeline.run(query, { mode: 'queue' });
      await reached;
      victim.kill();
      await victim.outcome;
      door.open();
      await expect(pipeline.open(query.folder)).rejects.toMatchObject({ code: 'dataset.notFound' });
      await work();
      const { report } = await job.result();
      expect(report).toMatchObject({ products: small.products, exported: small.products, failed: 0 });
      await expectSameAsDirect(aws, query);
      await door.close();
    },
  );
});

describe('a job', () => {
  it('gives the same when a tenth of all calls is answered by 503 or throttling', async () => {
    const proxy = await faultyProxy(small.endpoint, { rates: { throttle: 0.1 }, seed: 1 });
    const { aws, work, env } = stack();
    const faulty = clients({ env: { ...env, AWS_ENDPOINT_URL: proxy.endpoint } });
    opened.push(faulty);
    await work({ AWS_ENDPOINT_URL: proxy.endpoint });
    const query = all('everything');
    const job = await new Pipeline(faulty).run(query, { mode: 'queue' });
    const { report } = await job.result();
    expect(report).toMatchObject({
      exported: small.products,
      augmented: small.products,
      inferred: small.products,
      failed: 0,
    });
    const { faults, calls } = proxy.injected();
    expect(faults / calls).toBeGreaterThan(0.08);
    await expectSameAsDirect(aws, query);
    await proxy.close();
  }, 180_000);
});

describe('a job whose predictions have a name', () => {
  it('keeps it when it is cancelled and resumed, and writes what a direct run writes', async () => {
    const { env, aws, pipeline, work } = stack();
    const where = { id: { in: (await ids(aws)).slice(0, 12) } };
    const query = { where, folder: uniqueName('named'), infer: { name: 'strict' } };
    const own = async () => (await leftovers(aws)).filter((key) => key.startsWith(`jobs/folders/${query.folder}/`));
    const job = await pipeline.run(query, { mode: 'queue' });
    expect(await own()).toContainEqual(expect.stringContaining('/predictions/strict'));
    expect(await job.cancel()).toBe(true);
    const other = clients({ env });
    opened.push(other);
    const same = await new Pipeline(other).job(job.id);
    await same.resume();
    await work();
    const { inferred, report } = await same.result();
    expect([inferred?.folder, report.inferred]).toEqual([`${query.folder}/predictions/strict`, 12]);
    await expect(pipeline.open(`${query.folder}/predictions`)).rejects.toMatchObject({ code: 'dataset.notFound' });
    await expectSameAsDirect(aws, query);
    expect(await own()).toEqual([]);
  });

  it('is removed with its locks, and begun with no name that pipeline.infer refuses', async () => {
    const { aws, pipeline } = stack();
    const query = { where: { id: { in: (await ids(aws)).slice(0, 1) } }, folder: uniqueName('named') };
    const exported = await pipeline.run(query);
    for (const name of ['a/b', 'images', '..', '']) {
      const refused = await pipeline.infer(exported, undefined, { name }).catch(({ message }) => message);
      expect(refused).toContain(`the name '${name}'`);
      for (const mode of ['queue', 'direct'] as const)
        await expect(
          pipeline.run({ ...query, folder: 'never', infer: { name } }, { mode } as { mode: 'direct' }),
        ).rejects.toMatchObject({ code: 'dataset.badFolder', message: refused });
    }
    expect(await filesOf(aws, 'never')).toEqual([]);
    const job = await pipeline.run({ ...query, infer: { name: 'strict' } }, { mode: 'queue' });
    await job.remove();
    // What it was about to put there stays noted: the folder has images.
    const left = (await leftovers(aws)).filter((key) => key.startsWith(`jobs/folders/${query.folder}/`));
    expect(left.filter((key) => !key.includes('/.begun/'))).toEqual([]);
  });
});

describe('a bad message', () => {
  it.for([
    ['no JSON', 'hello', 'message.malformed'],
    ['a message of another version', JSON.stringify({ version: 3, job: 'x' }), 'message.otherVersion'],
    ['a message about another catalogue', undefined, 'message.otherCatalogue'],
  ] as const)(
    '(%s) goes to the dead-letter queue at once, with the reason, and holds nobody up',
    async ([, body, code]) => {
      const { aws, pipeline, work } = stack();
      await ensureQueues(aws);
      const QueueUrl = await queueUrl(aws, queueName(aws.stack, 'copy'));
      const about = {
        job: 'none',
        table: 'elsewhere',
        bucket: 'elsewhere',
        folder: 'x',
        chunk: 0,
        ids: [1],
        steps: [{ task: 'copy', fresh: true }],
      };
      await aws.sqs.send(
        new SendMessageCommand({ QueueUrl, MessageBody: body ?? JSON.stringify({ version: 1, ...about }) }),
      );
      await work();
      const job = await pipeline.run(all('copy'), { mode: 'queue' });
      await job.result();
      await expect
        .poll(async () => (await readDeadLetters(aws)).map((letter) => [letter.task, letter.code]), { timeout: 10_000 })
        .toEqual([['copy', code]]);
      const { Messages = [] } = await aws.sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
      expect(Messages).toEqual([]);
    },
  );

  it('of a job is told by the job, with its reason, and redriven once the cause is mended', async () => {
    const { env, aws, pipeline, work } = stack();
    const wrong = await work({ ...env, ML_PIPELINE_BUCKET: 'another-bucket' });
    const query = all('copy');
    const job = await pipeline.run(query, { mode: 'queue' });
    await expect(job.result()).rejects.toMatchObject({
      code: 'job.deadLetters',
      message: expect.stringMatching(/another-bucket.*redrive/s),
    });
    const letters = await job.deadLetters();
    expect(letters.map(({ chunk }) => chunk).sort()).toEqual([...Array(Math.ceil(small.products / 100)).keys()]);
    wrong.interrupt();
    expect((await wrong.outcome).status).toBe(130);
    await work();
    expect(await job.redrive()).toBe(letters.length);
    await job.result();
    expect(await job.deadLetters()).toEqual([]);
    await expectSameAsDirect(aws, query);
  });
});

describe('jobs', () => {
  it('run beside each other into different folders, but not into the same one', async () => {
    const { aws, pipeline, work } = stack();
    const first = all('copy');
    const second = all('augment');
    const jobs = [await pipeline.run(first, { mode: 'queue' }), await pipeline.run(second, { mode: 'queue' })];
    await expect(pipeline.run(first, { mode: 'queue' })).rejects.toMatchObject({ code: 'job.folderTaken' });
    expect((await pipeline.jobs()).map(({ id }) => id).sort()).toEqual(jobs.map(({ id }) => id).sort());
    await Promise.all([work(), work()]);
    await Promise.all(jobs.map((job) => job.result()));
    await expectSameAsDirect(aws, first);
    await expectSameAsDirect(aws, second);
    const again = await pipeline.run(first, { mode: 'queue' });
    await again.result();
    expect((await leftovers(aws)).filter((key) => jobs.some(({ id }) => key.includes(id)))).toEqual([]);
  });

  it('are cancelled, and resumed by another process', async () => {
    const { env, aws, pipeline, work } = stack();
    const door = await gate(small.endpoint);
    const reached = door.hold('CopyObject', 150);
    await work({ AWS_ENDPOINT_URL: door.endpoint });
    const query = all('copy');
    const job = await pipeline.run(query, { mode: 'queue' });
    await reached;
    expect(await job.cancel()).toBe(true);
    await expect(job.result()).rejects.toMatchObject({ code: 'job.cancelled' });
    door.open();
    await expect.poll(async () => (await job.progress()).unfinished, { timeout: 20_000 }).toBeGreaterThan(0);
    await expect(pipeline.open(query.folder)).rejects.toMatchObject({ code: 'dataset.notFound' });
    const other = clients({ env });
    opened.push(other);
    const same = await new Pipeline(other).job(job.id);
    await same.resume();
    expect((await same.result()).report).toMatchObject({ exported: small.products });
    expect(await same.cancel()).toBe(false);
    await expectSameAsDirect(aws, query);
    await door.close();
  });
});

describe('a folder', () => {
  it('is not shared by a job and a direct run', async () => {
    const { aws, pipeline, work } = stack();
    const query = all('augment');
    const job = await pipeline.run(query, { mode: 'queue' });
    await expect(pipeline.run({ ...query, where: { id: { gt: 5 } } })).rejects.toMatchObject({
      code: 'job.folderTaken',
      message: expect.stringContaining(job.id),
    });
    await expect(holdFolder(aws, `${query.folder}/augmented`, undefined, async () => 1)).rejects.toMatchObject({
      code: 'job.folderTaken',
    });
    const other = all('copy');
    await holdFolder(aws, other.folder, undefined, () =>
      expect(pipeline.run(other, { mode: 'queue' })).rejects.toMatchObject({ code: 'run.folderTaken' }),
    );
    expect((await pipeline.jobs()).map(({ id }) => id)).toEqual([job.id]);
    await work();
    await job.result();
    await expectSameAsDirect(aws, query);
  });

  it('that a direct run wrote while its job was cancelled is written anew by the job, and is whole', async () => {
    const { aws, pipeline, work } = stack();
    const door = await gate(small.endpoint);
    const reached = door.hold('CopyObject', 250);
    await work({ AWS_ENDPOINT_URL: door.endpoint });
    const query = all('copy');
    const job = await pipeline.run(query, { mode: 'queue' });
    await reached;
    await job.cancel();
    door.open();
    await pipeline.run({ ...query, where: { id: { in: (await ids(aws)).slice(0, 10) } } });
    await job.resume();
    expect((await job.result()).report).toMatchObject({ exported: small.products, failed: 0 });
    await expectSameAsDirect(aws, query);
    await door.close();
  });

  it('that another takes from a running job ends the job, which says so', async () => {
    const { aws, pipeline, work } = stack();
    const query = all('copy');
    const job = await pipeline.run(query, { mode: 'queue' });
    const other = { owner: 'other', kind: 'run' as const, seconds: 60 };
    await takeLock(aws, query.folder, other, async () => true);
    await work();
    await expect(job.result()).rejects.toMatchObject({ message: expect.stringMatching(/Another run.*resume the job/) });
    expect(await filesOf(aws, query.folder)).toEqual([]);
    await expect(job.resume()).rejects.toMatchObject({ code: 'run.folderTaken' });
    await releaseLock(aws, query.folder, other);
    await job.resume();
    await job.result();
    await expectSameAsDirect(aws, query);
  });

  it('from which an image has gone when its job ends is not said to be complete; resumed, the job is', async () => {
    const { aws, pipeline, work } = stack();
    const door = await gate(small.endpoint);
    const reached = door.hold('CopyObject', small.products - 1);
    await work({ AWS_ENDPOINT_URL: door.endpoint });
    const query = all('copy');
    const job = await pipeline.run(query, { mode: 'queue' });
    await reached;
    const [gone = ''] = await filesOf(aws, `${query.folder}/images`);
    await remove(aws, [`${query.folder}/images/${gone}`]);
    door.open();
    await expect(job.result()).rejects.toMatchObject({ message: expect.stringContaining(gone) });
    await expect(pipeline.open(query.folder)).rejects.toMatchObject({ code: 'dataset.notFound' });
    await job.resume();
    expect((await job.result()).report).toMatchObject({ exported: small.products, failed: 0 });
    await expectSameAsDirect(aws, query);
    await door.close();
  });
});

describe('corrupt images', () => {
  it('are listed with their reasons, as by a direct run, and the rest goes on', async () => {
    const { aws, pipeline, work } = stack();
    const ids = (await new Catalogue(aws).query({ id: { gt: 0 } }, { fields: ['id'] }).toArray())
      .map(({ id }) => id)
      .sort((a, b) => a - b);
    const corrupt = ids.filter((_, i) => i % 100 === 7);
    await Promise.all(
      corrupt.map((id) =>
        aws.s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: `images/${id}.jpg`, Body: 'no image' })),
      ),
    );
    await work();
    const query = all('everything');
    const job = await pipeline.run(query, { mode: 'queue' });
    const { failures, report } = await job.result();
    expect(failures.map(({ id, stage, code }) => [id, stage, code])).toEqual(
      ['augment', 'infer'].flatMap((stage) => corrupt.map((id) => [id, stage, 'image.unreadable'])),
    );
    expect(report).toMatchObject({
      exported: ids.length,
      augmented: ids.length - corrupt.length,
      inferred: ids.length - corrupt.length,
    });
    await expectSameAsDirect(aws, query);
  });

  it('stop a job where they are too many; mended, it is resumed', async () => {
    const { aws, pipeline, work } = stack();
    const ids = (await new Catalogue(aws).query({ id: { gt: 0 } }, { fields: ['id'] }).toArray())
      .map(({ id }) => id)
      .sort((a, b) => a - b);
    const [good = 0] = ids;
    const images = await Promise.all(
      ids.map(async (id) => ({ Key: `images/${id}.jpg`, Body: await getBytes(aws, `images/${id}.jpg`) })),
    );
    const put = (objects: { Key: string; Body: Uint8Array }[]) =>
      concurrently(objects, (object) => aws.s3.send(new PutObjectCommand({ Bucket: aws.bucket, ...object })), {
        concurrency: 32,
      });
    await put(images.filter((_, i) => i % 4 === 1).map(({ Key }) => ({ Key, Body: Buffer.from('no image') })));
    await work();
    const query = all('augment');
    const job = await pipeline.run(query, { mode: 'queue' });
    await expect(job.result()).rejects.toMatchObject({
      code: 'run.tooManyFailures',
      message: expect.stringMatching(/items failed in augment/),
    });
    await expect(pipeline.open(query.folder)).rejects.toMatchObject({ code: 'dataset.notFound' });
    const sound = await getBytes(aws, `images/${good}.jpg`);
    await put(
      images.map(({ Key, Body }) => ({ Key, Body: Buffer.from(Body).toString() === 'no image' ? sound : Body })),
    );
    await job.resume();
    expect((await job.result()).report).toMatchObject({ exported: ids.length, augmented: ids.length, failed: 0 });
    await expectSameAsDirect(aws, query);
  });
});
