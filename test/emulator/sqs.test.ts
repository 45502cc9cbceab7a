import { once } from 'node:events';
import http from 'node:http';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, expect, it } from 'vitest';
import { testServer, uniqueName } from '../server.js';

const aws = await testServer();
const sqs = new SQSClient(aws.config);
afterAll(async () => {
  sqs.destroy();
  await aws.close();
});

async function queue(Attributes: Record<string, string> = {}) {
  const QueueName = uniqueName('emulator');
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  const { Attributes: found = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  return { QueueName, QueueUrl, attributes: found };
}

const send = (QueueUrl: string, bodies: string[]) =>
  sqs.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: bodies.map((MessageBody, i) => ({ Id: String(i), MessageBody })),
    }),
  );

/** Receives until there are so many messages, or fails with the test's time-out. */
async function receive(QueueUrl: string, count: number) {
  const messages = [];
  while (messages.length < count) {
    const page = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 2,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
    );
    messages.push(...(page.Messages ?? []));
  }
  return messages;
}

it('a batch comes back whole, each message counted as received once', async () => {
  const { QueueName, QueueUrl } = await queue();
  expect((await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl).toBe(QueueUrl);
  const bodies = Array.from({ length: 10 }, (_, i) => JSON.stringify({ ids: [i] }));
  const { Successful = [], Failed = [] } = await send(QueueUrl, bodies);
  expect([Successful.length, Failed.length]).toEqual([10, 0]);
  const messages = await receive(QueueUrl, 10);
  expect(messages.map((message) => message.Body).sort()).toEqual(bodies);
  expect(messages.map((message) => message.Attributes?.ApproximateReceiveCount)).toEqual(Array(10).fill('1'));
});

it('messages not deleted come again once they are visible, and then go to the dead-letter queue', async () => {
  const dead = await queue();
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.attributes.QueueArn, maxReceiveCount: '2' });
  const { QueueUrl, attributes } = await queue({ VisibilityTimeout: '600', RedrivePolicy });
  expect(attributes.VisibilityTimeout).toBe('600');
  expect(JSON.parse(attributes.RedrivePolicy ?? '{}').deadLetterTargetArn).toBe(dead.attributes.QueueArn);
  const showAgain = (message: Message | undefined) => {
    const { ReceiptHandle } = message ?? {};
    return sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  };

  await send(QueueUrl, ['kept', 'deleted']);
  const first = await receive(QueueUrl, 2);
  const done = first.find((message) => message.Body === 'deleted');
  const Entries = [{ Id: 'x', ReceiptHandle: done?.ReceiptHandle }];
  const { Successful = [] } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  expect(Successful).toHaveLength(1);

  await showAgain(first.find((message) => message.Body === 'kept'));
  const [again] = await receive(QueueUrl, 1);
  expect(again).toMatchObject({ Body: 'kept', Attributes: { ApproximateReceiveCount: '2' } });
  await showAgain(again);
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
  expect(Messages).toBeUndefined();
  expect((await receive(dead.QueueUrl, 1)).map((message) => message.Body)).toEqual(['kept']);
});

it('a long poll ends when a message comes', { timeout: 10_000 }, async () => {
  const { QueueUrl } = await queue();
  const polls = [1, 2].map(() => sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 })));
  await send(QueueUrl, ['one']);
  const { Messages } = await Promise.race(polls);
  expect(Messages?.map(({ Body }) => Body)).toEqual(['one']);
  await send(QueueUrl, ['two']);
  await Promise.all(polls);
});

it.skipIf(!aws.embedded)(
  'a message that comes after its receiver has gone is for the next one, as if it had not been received',
  { timeout: 10_000 },
  async () => {
    const { QueueName, QueueUrl } = await queue({ VisibilityTimeout: '600' });
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ReceiveMessage' };
    const gone = http.request(aws.endpoint, { method: 'POST', headers }).on('error', () => {});
    await once(gone.end(JSON.stringify({ QueueUrl, WaitTimeSeconds: 20 })), 'finish');
    await new Promise((resolve) => gone.once('close', resolve).destroy());
    // By the next answer the server has seen that as well.
    await sqs.send(new GetQueueUrlCommand({ QueueName }));
    await send(QueueUrl, ['kept']);
    expect(await receive(QueueUrl, 1)).toMatchObject([{ Body: 'kept', Attributes: { ApproximateReceiveCount: '1' } }]);
  },
);

it('a missing queue is named so', async () => {
  const missing = sqs.send(new GetQueueUrlCommand({ QueueName: uniqueName('missing') }));
  await expect(missing).rejects.toMatchObject({ name: expect.stringMatching(/QueueDoesNotExist|NonExistentQueue/) });
});

it.skipIf(!aws.embedded)(
  'a queue URL names the endpoint, so that a client without an explicit endpoint reaches it',
  async () => {
    expect((await queue()).QueueUrl).toContain(aws.endpoint);
  },
);
