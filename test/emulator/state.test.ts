import { execFileSync, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomFrom, randomInteger } from '../../src/work/random.js';

const program = path.resolve(import.meta.dirname, '../../localstack/emulator.mjs');
let folder: string;
let port: number;
let running: ReturnType<typeof fork> | undefined;
let s3: S3Client;
let sqs: SQSClient;
let dynamodb: DynamoDBClient;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'state-'));
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  port = (server.address() as { port: number }).port;
  await new Promise((resolve) => server.close(resolve));
  const config = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  s3 = new S3Client({ ...config, forcePathStyle: true });
  sqs = new SQSClient(config);
  dynamodb = new DynamoDBClient(config);
});

afterEach(async () => {
  for (const client of [s3, sqs, dynamodb]) client.destroy();
  await stop('SIGKILL');
  await rm(folder, { recursive: true });
});

const state = () => path.join(folder, 'state');

/** Starts an emulator with the state, as a process of its own; resolves to what it says, if it cannot. */
async function start(at = state()): Promise<string> {
  const child = fork(program, ['--port', String(port), '--state', at], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let said = '';
  child.stderr?.on('data', (text) => {
    said += String(text);
  });
  const ready = await Promise.race([once(child, 'message').then(() => true), once(child, 'exit').then(() => false)]);
  if (ready) running = child;
  else if (child.stderr && !child.stderr.readableEnded) await once(child.stderr, 'end');
  return said;
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  const child = running;
  running = undefined;
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

const Bucket = 'kept-bucket';
const TableName = 'Kept';
const object = (n: number) => Buffer.alloc(500 + (n % 3000), `object ${n} `);
const read = async (Key: string) =>
  Buffer.from((await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToByteArray()) ?? []);
const url = () => `http://127.0.0.1:${port}/000000000000/kept`;

async function setUp(): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await sqs.send(new CreateQueueCommand({ QueueName: 'kept', Attributes: { VisibilityTimeout: '7' } }));
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: ['id', 'kind'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byKind',
          KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  );
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 30, minDelay: 0.1 }, { TableName });
}

describe('an emulator that keeps its data', () => {
  it('has it again after it was stopped: objects with all that belongs to them, rows, messages, settings', async () => {
    expect(await start()).toBe('');
    await setUp();
    await s3.send(
      new PutObjectCommand({ Bucket, Key: 'a/ü+%.png', Body: 'png', ContentType: 'image/png', Metadata: { by: 'me' } }),
    );
    await s3.send(new PutObjectCommand({ Bucket, Key: 'gone', Body: 'x' }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
    await dynamodb.send(new PutItemCommand({ TableName, Item: { id: { S: 'a' }, kind: { S: 'k' } } }));
    for (const MessageBody of ['one', 'two', 'three'])
      await sqs.send(new SendMessageCommand({ QueueUrl: url(), MessageBody }));
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url(), Attributes: { DelaySeconds: '0' } }));
    // One is done with, another in flight.
    const [first] = (await sqs.send(new ReceiveMessageCommand({ QueueUrl: url() }))).Messages ?? [];
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url(), ReceiptHandle: first?.ReceiptHandle }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: url() }));

    await stop('SIGTERM');
    expect(await start()).toBe('');
    const found = await s3.send(new GetObjectCommand({ Bucket, Key: 'a/ü+%.png' }));
    expect(found).toMatchObject({ ContentType: 'image/png', Metadata: { by: 'me' }, ContentLength: 3 });
    expect(await found.Body?.transformToString()).toBe('png');
    expect((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key)).toEqual([
      'a/ü+%.png',
    ]);
    const query = { TableName, IndexName: 'byKind', KeyConditionExpression: 'kind = :k' };
    expect(
      (await dynamodb.send(new QueryCommand({ ...query, ExpressionAttributeValues: { ':k': { S: 'k' } } }))).Items,
    ).toEqual([{ id: { S: 'a' }, kind: { S: 'k' } }]);
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url(), AttributeNames: ['VisibilityTimeout'] }),
    );
    expect(Attributes).toEqual({ VisibilityTimeout: '7' });
    const again = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url(), MaxNumberOfMessages: 10 }));
    expect(again.Messages?.map(({ Body }) => Body).sort()).toEqual(
      ['one', 'two', 'three'].filter((body) => body !== first?.Body).sort(),
    );
  });

  it('loses nothing that it acknowledged when it is killed, whenever that is', { timeout: 180_000 }, async () => {
    await start();
    await setUp();
    const acknowledged = { objects: new Set<number>(), rows: new Set<number>(), messages: new Set<string>() };
    const random = randomFrom(3, 'kills');
    let n = 0;
    for (let kill = 0; kill < 5; kill++) {
      let killed = false;
      const writing = Array.from({ length: 8 }, async () => {
        while (!killed) {
          const own = n++;
          try {
            await s3.send(new PutObjectCommand({ Bucket, Key: `images/${own}.jpg`, Body: object(own) }));
            acknowledged.objects.add(own);
            await dynamodb.send(
              new PutItemCommand({ TableName, Item: { id: { S: String(own) }, kind: { S: `k${own % 7}` } } }),
            );
            acknowledged.rows.add(own);
            await sqs.send(new SendMessageCommand({ QueueUrl: url(), MessageBody: `message ${own}` }));
            acknowledged.messages.add(`message ${own}`);
          } catch {
            // Not acknowledged.
          }
        }
      });
      const enough = acknowledged.objects.size + randomInteger(random, 10, 40);
      await expect.poll(() => acknowledged.objects.size, { timeout: 60_000, interval: 5 }).toBeGreaterThan(enough);
      await stop('SIGKILL');
      killed = true;
      await Promise.all(writing);
      expect(await start()).toBe('');
    }
    for (const own of acknowledged.objects) expect(await read(`images/${own}.jpg`)).toEqual(object(own));
    for (const own of acknowledged.rows) {
      const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key: { id: { S: String(own) } } }));
      expect(Item).toEqual({ id: { S: String(own) }, kind: { S: `k${own % 7}` } });
    }
    const scanned = async (IndexName?: string) =>
      (await dynamodb.send(new ScanCommand({ TableName, ...(IndexName && { IndexName }) }))).Items?.map(
        ({ id }) => id?.S,
      );
    expect((await scanned('byKind'))?.sort()).toEqual((await scanned())?.sort());
    const found = new Set<string>();
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: url(), MaxNumberOfMessages: 10, VisibilityTimeout: 600 }),
      );
      for (const { Body = '' } of Messages) found.add(Body);
      if (Messages.length === 0) break;
    }
    expect([...acknowledged.messages].filter((message) => !found.has(message))).toEqual([]);
  });

  it('brings a table to its end that was being made when it was killed', async () => {
    await start();
    const making = setUp().catch(() => {});
    await expect.poll(() => describeTable()).toBeDefined();
    await stop('SIGKILL');
    await start();
    expect(await describeTable()).toBe('ACTIVE');
    await making;
  });

  const describeTable = async () => {
    try {
      return (await dynamodb.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus;
    } catch {
      return undefined;
    }
  };

  it('is refused a state in use or of another version, and a folder of something else, with the remedy', async () => {
    await start();
    port++;
    const elsewhere = 'or keep it elsewhere (ML_PIPELINE_STATE), or in memory (up --memory).\n';
    expect(await start()).toContain(`${state()} is in use by another emulator. Stop that one, ${elsewhere}`);
    port--;
    await stop('SIGTERM');
    await writeFile(path.join(state(), 'state.json'), '{"version":0}');
    expect(await start()).toContain(
      'is of another version (0, not 1). Throw it away with down --delete and seed again',
    );
    const other = path.join(folder, 'other');
    await mkdir(other);
    await writeFile(path.join(other, 'thesis.txt'), 'words');
    expect(await start(other)).toContain('is none: the folder has other files. Name an empty one, ');
    expect(await readdir(other)).toEqual(['thesis.txt']);
    expect(await start(path.join(other, 'thesis.txt'))).toContain('cannot be opened (');
    expect(await readFile(path.join(other, 'thesis.txt'), 'utf8')).toBe('words');
  });

  it('on a full disk refuses what it cannot keep in a line, lives, and answers what it has', async ({ skip }) => {
    const disk = path.join(folder, 'disk');
    await mkdir(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      skip('needs the right to mount');
    }
    try {
      await start(path.join(disk, 'state'));
      let said = '';
      running?.stderr?.on('data', (text) => {
        said += String(text);
      });
      await setUp();
      await s3.send(new PutObjectCommand({ Bucket, Key: 'small', Body: 'small' }));
      const put = (Key: string) =>
        s3.send(new PutObjectCommand({ Bucket, Key, Body: randomBytes(1_000_000) })).then(
          () => undefined,
          (error: unknown) => error,
        );
      let full: unknown;
      let puts = 0;
      for (; puts < 10 && full === undefined; puts++) full = await put(`large${puts}`);
      expect(full).toMatchObject({ name: 'InternalError', message: expect.stringContaining('cannot write to') });
      expect(said.trim().split('\n')[0]).toMatch(
        /^error: The embedded emulator cannot write to .*: .*(No space|space)/,
      );
      await expect(read(`large${puts - 1}`)).rejects.toMatchObject({ name: 'NoSuchKey' });
      expect(String(await read('small'))).toBe('small');
      const item = { id: { S: 'x' }, kind: { S: 'y'.repeat(1000) } };
      const rows = Array.from({ length: 9000 }, (_, i) => ({ ...item, id: { S: String(i) } }));
      let refused: unknown;
      for (const Item of rows) {
        refused = await dynamodb.send(new PutItemCommand({ TableName, Item })).catch((error: unknown) => error);
        if (refused instanceof Error) break;
      }
      expect(refused).toMatchObject({ name: 'InternalServerError' });
      expect(String(await read('small'))).toBe('small');
    } finally {
      await stop('SIGKILL');
      execFileSync('umount', [disk]);
    }
  });
});
