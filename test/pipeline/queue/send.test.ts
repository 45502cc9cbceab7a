import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, expect, it, vi } from 'vitest';
import { clients, sdkClient } from '../../../src/aws/clients.js';
import { type Message, maxBytes } from '../../../src/pipeline/queue/message.js';
import { type Outgoing, send } from '../../../src/pipeline/queue/send.js';

afterEach(() => vi.restoreAllMocks());

/** Clients whose SQS takes what `take` lets through; what it was asked to send, batch by batch. */
function recorded(take: (body: string, attempt: number) => boolean = () => true, fault: object = {}) {
  const batches: { url: string; bodies: string[]; bytes: number }[] = [];
  const aws = clients({ env: {} });
  let attempt = 0;
  vi.spyOn(sdkClient(aws.sqs, SQSClient), 'send').mockImplementation(async (command: unknown) => {
    if (!(command instanceof SendMessageBatchCommand))
      return { QueueUrl: `http://queue/${(command as { input: { QueueName: string } }).input.QueueName}` };
    const { QueueUrl = '', Entries = [] } = command.input;
    const bodies = Entries.map(({ MessageBody = '' }) => MessageBody);
    batches.push({ url: QueueUrl, bodies, bytes: bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0) });
    attempt++;
    return {
      Failed: Entries.filter(({ MessageBody = '' }) => !take(MessageBody, attempt)).map(({ Id }) => ({ Id, ...fault })),
    };
  });
  return { aws, batches };
}

const message = (chunk: number, task: 'copy' | 'infer' = 'copy', padding = 0): Outgoing => ({
  job: 'job',
  table: 'products',
  bucket: 'images',
  folder: 'x'.repeat(1 + padding),
  chunk,
  ids: [chunk],
  steps: task === 'copy' ? [{ task, fresh: true }] : [{ task, model: { name: 'm', fingerprint: 'f' } }],
});
const chunkOf = (body: string): number => (JSON.parse(body) as Message).chunk;

it('sends every message once, ten at a time, each to the queue of its next step', async () => {
  const { aws, batches } = recorded();
  const sent: number[] = [];
  const messages = [
    ...Array.from({ length: 25 }, (_, i) => message(i)),
    ...Array.from({ length: 12 }, (_, i) => message(25 + i, 'infer')),
  ];
  await send(aws, messages, undefined, (count) => sent.push(count));
  expect(batches.map(({ url, bodies }) => [url, bodies.length])).toEqual([
    ['http://queue/ml-pipeline-copy', 10],
    ['http://queue/ml-pipeline-copy', 10],
    ['http://queue/ml-pipeline-copy', 5],
    ['http://queue/ml-pipeline-infer', 10],
    ['http://queue/ml-pipeline-infer', 2],
  ]);
  expect(batches.flatMap(({ bodies }) => bodies.map(chunkOf))).toEqual([...Array(37).keys()]);
  expect(sent.reduce((a, b) => a + b)).toBe(37);
});

it('gives up a message that SQS calls wrong, and sends again what it was too busy for', async () => {
  const wrong = { SenderFault: true, Code: 'InvalidMessageContents', Message: 'Invalid characters.' };
  await expect(send(recorded(() => false, wrong).aws, [message(0)])).rejects.toMatchObject({
    code: 'message.refused',
    message: 'SQS does not take a message (InvalidMessageContents): Invalid characters.',
  });
  const { aws, batches } = recorded((_, attempt) => attempt > 1, { SenderFault: true, Code: 'KmsThrottled' });
  await send(aws, [message(0)]);
  expect(batches).toHaveLength(2);
});

it('sends no more bytes at once than SQS takes', async () => {
  const { aws, batches } = recorded();
  await send(
    aws,
    Array.from({ length: 12 }, (_, i) => message(i, 'copy', 60_000)),
  );
  for (const { bytes } of batches) expect(bytes).toBeLessThanOrEqual(maxBytes);
  expect(batches.map(({ bodies }) => bodies.length)).toEqual([4, 4, 4]);
});

it('sends those again that SQS did not take, and only those', async () => {
  const { aws, batches } = recorded((body, attempt) => attempt > 1 || chunkOf(body) % 3 > 0);
  await send(
    aws,
    Array.from({ length: 10 }, (_, i) => message(i)),
  );
  expect(batches.map(({ bodies }) => bodies.map(chunkOf))).toEqual([[...Array(10).keys()], [0, 3, 6, 9]]);
});
