import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  ScanCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, expect, it } from 'vitest';
import { type FaultOptions, faultyProxy } from '../faults.js';
import { testServer, uniqueName } from '../server.js';

const server = await testServer();
const ends: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of ends.reverse()) await end();
  await server.close();
});

/** The SDK's clients before a proxy that answers so large a share with a fault. */
async function behind(rate: number | FaultOptions['rates'], { maxAttempts = 1, seed = 1 } = {}) {
  const proxy = await faultyProxy(server.endpoint, {
    rates: typeof rate === 'number' ? { throttle: rate } : rate,
    seed,
  });
  const config = { ...server.config, endpoint: proxy.endpoint, maxAttempts };
  const all = { dynamodb: new DynamoDBClient(config), s3: new S3Client(config), sqs: new SQSClient(config) };
  ends.push(() => proxy.close(), ...Object.values(all).map((client) => () => client.destroy()));
  return { ...all, proxy };
}

it('each service refuses as AWS does, and its server hears nothing of it', async () => {
  const direct = await behind(0);
  const Bucket = uniqueName('bucket');
  await direct.s3.send(new CreateBucketCommand({ Bucket }));
  const { dynamodb, s3, sqs, proxy } = await behind(1);
  await expect(dynamodb.send(new ListTablesCommand({}))).rejects.toMatchObject({
    name: 'ProvisionedThroughputExceededException',
    $metadata: { httpStatusCode: 400 },
  });
  await expect(sqs.send(new CreateQueueCommand({ QueueName: uniqueName('queue') }))).rejects.toMatchObject({
    name: 'ThrottlingException',
    $metadata: { httpStatusCode: 400 },
  });
  await expect(s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'a' }))).rejects.toMatchObject({
    name: 'SlowDown',
    $metadata: { httpStatusCode: 503 },
  });
  expect(proxy.injected()).toEqual({ faults: 3, calls: 3 });
  await expect(direct.s3.send(new GetObjectCommand({ Bucket, Key: 'a' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
});

it('clients that try again get through, and what they send arrives whole', async () => {
  const { s3, sqs, proxy } = await behind(0.3, { maxAttempts: 10 });
  const Bucket = uniqueName('bucket');
  const Body = Buffer.alloc(3_000_000, 'ml-pipeline');
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'large', Body }));
  const { Body: back } = await s3.send(new GetObjectCommand({ Bucket, Key: 'large' }));
  expect(Buffer.compare(Body, (await back?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(0);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: uniqueName('queue') }));
  const bodies = Array.from({ length: 10 }, (_, i) => String(i));
  for (const MessageBody of bodies) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  expect(Messages.map(({ Body: text }) => text).sort()).toEqual(bodies);
  const { faults, calls } = proxy.injected();
  expect(calls - faults).toBe(15);
  expect(faults).toBeGreaterThan(0);
});

it('a call is refused, cut off before or after it was done, or answered in part, as its fault says', async () => {
  const direct = await behind(0);
  const Bucket = uniqueName('bucket');
  await direct.s3.send(new CreateBucketCommand({ Bucket }));
  const put = async (rates: FaultOptions['rates'], Key: string) => {
    const { s3, proxy } = await behind(rates);
    const outcome = await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'bytes' })).then(
      () => 'told',
      ({ name }: Error) => name,
    );
    const there = await direct.s3.send(new GetObjectCommand({ Bucket, Key })).then(
      () => 'done',
      () => 'not done',
    );
    expect(proxy.counts()).toMatchObject(Object.fromEntries(Object.keys(rates).map((kind) => [kind, 1])));
    return [outcome, there];
  };
  expect(await put({ error: 1 }, 'error')).toEqual(['InternalError', 'not done']);
  expect(await put({ reset: 1 }, 'reset')).toEqual([expect.stringMatching(/Error|Timeout/), 'not done']);
  expect(await put({ slow: 1 }, 'slow')).toEqual(['told', 'done']);
  expect(await put({ unheard: 1 }, 'unheard')).toEqual([expect.stringMatching(/Error|Timeout/), 'done']);
  const { s3 } = await behind({ cut: 1 });
  await direct.s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'bytes' }));
  const read = async () => (await s3.send(new GetObjectCommand({ Bucket, Key: 'a' }))).Body?.transformToString();
  await expect(read()).rejects.toThrow();
});

it('half of a batch comes back unprocessed, and is not done', async () => {
  const direct = await behind(0);
  const TableName = uniqueName('table');
  await direct.dynamodb.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  await waitUntilTableExists({ client: direct.dynamodb, maxWaitTime: 10, minDelay: 0.05 }, { TableName });
  const { dynamodb } = await behind({ unprocessed: 1 });
  const items = [1, 2, 3, 4, 5].map((id) => ({ PutRequest: { Item: { id: { N: String(id) } } } }));
  const batch = (left: typeof items) => new BatchWriteItemCommand({ RequestItems: { [TableName]: left } });
  expect((await dynamodb.send(batch(items))).UnprocessedItems).toEqual({ [TableName]: items.slice(3) });
  const { Count } = await direct.dynamodb.send(new ScanCommand({ TableName }));
  expect(Count).toBe(3);
  // A batch of one is done, so that whoever sends the rest again comes to an end.
  expect((await dynamodb.send(batch(items.slice(4)))).UnprocessedItems).toEqual({});
});

it('the queues of a server are reached through it, whoever made them', async () => {
  const sqs = new SQSClient(server.config);
  ends.push(() => sqs.destroy());
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: uniqueName('queue') }));
  const refused = await behind(1);
  await expect(refused.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }))).rejects.toMatchObject({
    name: 'ThrottlingException',
  });
  const { sqs: through, proxy } = await behind(0);
  await through.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
  expect(proxy.injected()).toEqual({ faults: 0, calls: 1 });
});

it('the same seed gives the same faults', async () => {
  const drawn = async (seed: number) => {
    const { dynamodb } = await behind(0.5, { seed });
    const outcomes: boolean[] = [];
    for (let i = 0; i < 20; i++)
      outcomes.push(
        await dynamodb.send(new ListTablesCommand({})).then(
          () => true,
          () => false,
        ),
      );
    return outcomes;
  };
  const first = await drawn(1);
  expect(await drawn(1)).toEqual(first);
  expect(await drawn(2)).not.toEqual(first);
});
