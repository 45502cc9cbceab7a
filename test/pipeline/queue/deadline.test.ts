import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resize } from '../../../src/augment/index.js';
import { type Aws, clients } from '../../../src/aws/clients.js';
import { seedCatalogue } from '../../../src/catalogue/index.js';
import { Pipeline } from '../../../src/pipeline/index.js';
import type { QueueRecord } from '../../../src/pipeline/queue/event.js';
import { queueHandler } from '../../../src/pipeline/queue/handle.js';
import { queueUrl } from '../../../src/pipeline/queue/provision.js';
import { queueName } from '../../../src/pipeline/queue/settings.js';
import type { Task } from '../../../src/pipeline/queue/tasks/index.js';
import { sampleSource } from '../../../src/sample/index.js';
import { type Gate, gate } from '../../scripts/gate.js';
import { testServer, uniqueName } from '../../server.js';

const products = 40;
const variants = 5;
const server = await testServer();
let door: Gate;
let aws: Aws;
beforeAll(async () => {
  door = await gate(server.endpoint);
  const env = {
    ...server.env,
    ML_PIPELINE_TABLE: uniqueName('products'),
    ML_PIPELINE_BUCKET: uniqueName('bucket'),
    ML_PIPELINE_STACK: uniqueName('stack'),
  };
  // The handlers find their clients by the environment, as in Lambda.
  Object.assign(process.env, env, { AWS_ENDPOINT_URL: door.endpoint });
  aws = clients({ env });
  await seedCatalogue(aws, sampleSource({ products }));
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterAll(async () => {
  aws.close();
  await door.close();
  await server.close();
});

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
