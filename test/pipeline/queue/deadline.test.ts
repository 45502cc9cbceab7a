import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resize } from '../../../src/augment/index.js';
import { Catalogue } from '../../../src/catalogue/index.js';
import { Pipeline } from '../../../src/pipeline/index.js';
import type { QueueRecord } from '../../../src/pipeline/queue/event.js';
import { queueHandler } from '../../../src/pipeline/queue/handle.js';
import { readJob } from '../../../src/pipeline/queue/jobs/jobs-table.js';
import { queueUrl } from '../../../src/pipeline/queue/provision.js';
import { maxReceiveCount, queueName } from '../../../src/pipeline/queue/settings.js';
import type { Task } from '../../../src/pipeline/queue/tasks/index.js';
import { uniqueName } from '../../server.js';
import { gatedSample } from './setup.js';

const products = 40;
const variants = 5;
const { aws, door, close } = await gatedSample(products);
beforeAll(() => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterAll(close);

/** The message that waits in the queue of a task, as it arrives at an attempt. */
async function arriving(task: Task): Promise<(attempt: number) => { Records: QueueRecord[] }> {
  const QueueUrl = await queueUrl(aws, queueName(aws.stack, task));
  const { Messages: [message] = [] } = await aws.sqs.send(
    new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10, VisibilityTimeout: 600 }),
  );
  const { MessageId: messageId = '', ReceiptHandle: receiptHandle = '', Body: body = '' } = message ?? {};
  return (attempt) => ({
    Records: [{ messageId, receiptHandle, body, attributes: { ApproximateReceiveCount: String(attempt) } }],
  });
}

const longEnough = { getRemainingTimeInMillis: () => 60_000 };
const sevenSeconds = { getRemainingTimeInMillis: () => 10_000 };
const done = { batchItemFailures: [] };

describe('a message whose time was over', () => {
  it('goes on where it stopped, in a folder that was empty when the job began', async () => {
    const augment = { transforms: [resize(16, 16)], variants };
    const query = { where: { id: { gt: 0 } }, folder: uniqueName('late'), augment };
    const job = await new Pipeline(aws).run(query, { mode: 'queue' });
    for (const [task, action, images] of [
      ['copy', 'CopyObject', products],
      ['augment', 'PutImage', products * variants],
    ] as const) {
      const message = await arriving(task);
      const reached = door.hold(action, 30);
      const invocation = queueHandler(task)(message(1), { getRemainingTimeInMillis: () => 6000 });
      await reached;
      expect((await invocation).batchItemFailures).toHaveLength(1);
      door.open();
      expect(await queueHandler(task)(message(2), longEnough)).toEqual(done);
      // What was under way when the time was over may be done twice.
      expect(door.passed(action)).toBeGreaterThanOrEqual(images - 30);
      expect(door.passed(action)).toBeLessThan(images);
      door.open();
    }
    expect((await job.progress()).state).toBe('completed');
  });
});

describe('a job with many variants of each product', () => {
  it('makes at most a thousand images of a message, so that seven seconds are enough for it', async () => {
    const ids = (await new Catalogue(aws).query({ id: { gt: 0 } }, { fields: ['id'] }).toArray()).map(({ id }) => id);
    const query = {
      where: { id: { in: ids.slice(0, 5) } },
      folder: uniqueName('many'),
      augment: { transforms: [resize(8, 8)], variants: 300 },
    };
    const job = await new Pipeline(aws).run(query, { mode: 'queue' });
    expect(await readJob(aws, job.id)).toMatchObject({ products: 5, chunkSize: 3, chunks: 2 });
    for (const task of ['copy', 'augment'] as const) {
      const images: number[] = [];
      for (let message = 0; message < 2; message++) {
        door.open();
        const records = await arriving(task);
        let attempt = 1;
        while ((await queueHandler(task)(records(attempt), sevenSeconds)).batchItemFailures.length > 0) {
          attempt++;
          expect(attempt).toBeLessThan(maxReceiveCount);
        }
        images.push(door.passed('PutImage'));
      }
      expect(images.sort((a, b) => a - b)).toEqual(task === 'copy' ? [0, 0] : [600, 900]);
    }
    expect((await job.progress()).state).toBe('completed');
  });

  it('is resumed with the same messages', async () => {
    const augment = { transforms: [resize(8, 8)], variants: 250 };
    const query = { where: { id: { gt: 0 } }, folder: uniqueName('resumed'), augment };
    const job = await new Pipeline(aws).run(query, { mode: 'queue' });
    const bodies = async () => {
      const found = new Set<string>();
      while (found.size < products / 4)
        for (const { body } of (await arriving('copy'))(1).Records)
          if (body.includes(job.id)) found.add(body.replaceAll('"fresh":true', '"fresh":false'));
      return found;
    };
    const sent = await bodies();
    await job.cancel();
    await job.resume();
    expect(await bodies()).toEqual(sent);
    await job.remove();
  });
});
