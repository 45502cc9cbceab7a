import {
  ChangeMessageVisibilityCommand,
  type DeleteMessageBatchCommandOutput,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { startEmulator } from '../../../localstack/emulator.mjs';
import { type Aws, clients, sdkClient } from '../../../src/aws/clients.js';
import type { Handler, QueueEvent, QueueRecord } from '../../../src/pipeline/queue/event.js';
import { ensureQueues, forgetQueues, queueUrl } from '../../../src/pipeline/queue/provision.js';
import { deadLetterQueueName, maxReceiveCount, queueName } from '../../../src/pipeline/queue/settings.js';
import { runWorker, type WorkerOptions } from '../../../src/pipeline/queue/worker.js';
import { errorLine, run, start } from '../../scripts/script.js';
import { testServer, uniqueName } from '../../server.js';

const server = await testServer();
const ends: (() => unknown)[] = [];
const atEnd = (end: () => unknown) => void ends.push(end);
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => server.close());

const good: Handler = async () => ({ batchItemFailures: [] });

/** A stack of its own, with its queues. */
async function stack(visibilityTimeout = 600): Promise<Aws> {
  const aws = clients({ env: { ...server.env, ML_PIPELINE_STACK: uniqueName('stack') } });
  atEnd(() => aws.close());
  await ensureQueues(aws, { visibilityTimeout });
  return aws;
}

/** A worker on the copy queue. */
function work(aws: Aws, handler: Handler, options: Partial<WorkerOptions> = {}) {
  const stop = new AbortController();
  const lines: string[] = [];
  const ended = runWorker(aws, (task) => (task === 'copy' ? handler : good), {
    signal: stop.signal,
    tasks: ['copy'],
    log: (line) => lines.push(line),
    ...options,
  });
  const end = () => {
    stop.abort();
    return ended;
  };
  atEnd(() => end().catch(() => {}));
  return { stop: end, ended, lines };
}

async function send(aws: Aws, ...bodies: string[]): Promise<void> {
  const QueueUrl = await queueUrl(aws, queueName(aws.stack, 'copy'));
  await aws.sqs.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: bodies.map((MessageBody, i) => ({
        Id: String(i),
        MessageBody,
        MessageAttributes: { myAttribute: { DataType: 'String', StringValue: 'myValue' } },
      })),
    }),
  );
}

/** How many messages a queue has that wait, and that somebody works on. */
async function counts(
  aws: Aws,
  name = queueName(aws.stack, 'copy'),
): Promise<[string | undefined, string | undefined]> {
  const { Attributes } = await aws.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: await queueUrl(aws, name),
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return [Attributes?.ApproximateNumberOfMessages, Attributes?.ApproximateNumberOfMessagesNotVisible];
}

const empty = ['0', '0'];
const bodiesOf = ({ Records }: QueueEvent) => Records.map(({ body }) => body);
const failuresOf = (records: readonly QueueRecord[]) => ({
  batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })),
});

/** Has what was received come again at once. */
async function showAgain(aws: Aws, records: readonly QueueRecord[]): Promise<void> {
  const QueueUrl = await queueUrl(aws, queueName(aws.stack, 'copy'));
  for (const { receiptHandle } of records)
    await aws.sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: 0 }),
    );
}

const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 });

/** A promise, and what settles it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

describe('a handler', () => {
  it("gets an event of the form that Lambda's documentation shows", async () => {
    const aws = await stack();
    const events: QueueEvent[] = [];
    work(aws, async (event) => {
      events.push(event);
      return good(event, { getRemainingTimeInMillis: () => 0 });
    });
    await send(aws, 'Test message.');
    await eventually(() => events).toHaveLength(1);
    // https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html: what it gives as an example, with our values.
    const milliseconds = expect.stringMatching(/^\d{13}$/);
    expect(events[0]).toEqual({
      Records: [
        {
          messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          receiptHandle: expect.stringMatching(/./),
          body: 'Test message.',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: milliseconds,
            SenderId: expect.stringMatching(/./),
            ApproximateFirstReceiveTimestamp: milliseconds,
          },
          messageAttributes: {
            myAttribute: { stringValue: 'myValue', stringListValues: [], binaryListValues: [], dataType: 'String' },
          },
          md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
          eventSource: 'aws:sqs',
          eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${aws.stack}-copy`,
          awsRegion: 'us-east-1',
        },
      ],
    });
    await eventually(() => counts(aws)).toEqual(empty);
  });

  it('is told how much of the visibility timeout is left, less two seconds', async () => {
    const aws = await stack(30);
    const left: number[] = [];
    work(aws, async (event, { getRemainingTimeInMillis }) => {
      left.push(getRemainingTimeInMillis());
      await eventually(getRemainingTimeInMillis).toBeLessThan(left[0] ?? 0);
      return good(event, { getRemainingTimeInMillis });
    });
    await send(aws, 'a');
    await eventually(() => counts(aws)).toEqual(empty);
    expect(left).toHaveLength(1);
    expect(left[0]).toBeLessThanOrEqual(28_000);
    expect(left[0]).toBeGreaterThan(0);
  });

  it('that names some messages as failed gets only those again', async () => {
    const aws = await stack();
    const batches: string[][] = [];
    const { lines } = work(aws, async (event) => {
      batches.push(bodiesOf(event));
      const failed = batches.length === 1 ? event.Records.filter(({ body }) => body === 'bad') : [];
      await showAgain(aws, failed);
      return failuresOf(failed);
    });
    await send(aws, 'bad', 'good');
    await eventually(() => counts(aws)).toEqual(empty);
    expect(batches.flat().filter((body) => body === 'good')).toHaveLength(1);
    expect(batches.flat().filter((body) => body === 'bad')).toHaveLength(2);
    expect(lines).toEqual([]);
  });

  it(
    'that throws fails with the whole batch, is told in a line, and after the last receive SQS puts the ' +
      'message away',
    async () => {
      const aws = await stack();
      const attempts: string[] = [];
      const batches: number[] = [];
      const { lines } = work(
        aws,
        async ({ Records }) => {
          attempts.push(...Records.map(({ attributes }) => attributes.ApproximateReceiveCount));
          await showAgain(aws, Records);
          throw new Error('out of\n  order');
        },
        { onBatch: ({ failed }) => batches.push(failed) },
      );
      await send(aws, 'bad');
      await eventually(() => counts(aws, deadLetterQueueName(aws.stack, 'copy'))).toEqual(['1', '0']);
      expect(attempts).toEqual(Array.from({ length: maxReceiveCount }, (_, i) => String(i + 1)));
      expect(lines).toEqual(Array(maxReceiveCount).fill('The handler of copy failed: out of order'));
      expect(batches).toEqual(Array(maxReceiveCount).fill(1));
      expect(await counts(aws)).toEqual(empty);
    },
  );
});

describe('a worker', () => {
  it('receives nothing more while as many invocations run as it may have', async () => {
    const aws = await stack();
    const { open, opened } = gate();
    let running = 0;
    let most = 0;
    work(
      aws,
      async (event, context) => {
        most = Math.max(most, ++running);
        await opened;
        running--;
        return good(event, context);
      },
      { concurrency: 3 },
    );
    atEnd(open);
    await send(aws, ...'abcdefghij');
    await eventually(() => running).toBe(3);
    const [waiting, taken] = await counts(aws);
    expect(Number(waiting) + Number(taken)).toBe(10);
    expect(Number(taken)).toBeLessThanOrEqual(6);
    open();
    await eventually(() => counts(aws)).toEqual(empty);
    expect(most).toBe(3);
  });

  it('shares a queue with another: each message is handled once', async () => {
    const aws = await stack();
    const { open, opened } = gate();
    const handled: string[][] = [[], []];
    for (const mine of handled) {
      work(aws, async (event, context) => {
        mine.push(...bodiesOf(event));
        if (handled.every((bodies) => bodies.length > 0)) open();
        await opened;
        return good(event, context);
      });
    }
    atEnd(open);
    await send(aws, ...'abcdefghij');
    await eventually(() => counts(aws)).toEqual(empty);
    expect(handled.flat().sort()).toEqual([...'abcdefghij']);
  });

  it('deletes again what SQS could not delete', async () => {
    const aws = await stack();
    let deletions = 0;
    sdkClient(aws.sqs, SQSClient).middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName !== 'DeleteMessageBatchCommand' || deletions++ > 0) return next(args);
          const output: DeleteMessageBatchCommandOutput = {
            $metadata: {},
            Successful: [],
            Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }],
          };
          return { output, response: undefined };
        },
      { step: 'initialize' },
    );
    const { lines } = work(aws, good);
    await send(aws, 'a');
    // A queue may seem empty before the message is there.
    await eventually(() => deletions).toBe(2);
    await eventually(() => counts(aws)).toEqual(empty);
    expect({ deletions, lines }).toEqual({ deletions: 2, lines: [] });
  });
});

describe('a worker that is stopped', () => {
  it('while it waits ends at once', { timeout: 8_000 }, async () => {
    const aws = await stack();
    const { stop } = work(aws, good);
    await send(aws, 'a');
    await eventually(() => counts(aws)).toEqual(empty);
    await stop();
  });

  // LocalStack goes on waiting for it, and hides the next message for a while.
  it.skipIf(!server.embedded)('takes no message that comes later', async () => {
    const aws = await stack();
    const { stop } = work(aws, good);
    await send(aws, 'before');
    await eventually(() => counts(aws)).toEqual(empty);
    await stop();
    // By the next answer the server has seen that the poll was broken off.
    await counts(aws);
    await send(aws, 'after');
    const handled: string[] = [];
    work(aws, async (event, context) => {
      handled.push(...bodiesOf(event));
      return good(event, context);
    });
    await eventually(() => handled).toEqual(['after']);
  });

  it('tells its handlers, waits for them, and deletes what they have done', async () => {
    const aws = await stack();
    const reached = gate();
    const events: string[] = [];
    const { stop } = work(aws, async (event, { signal }) => {
      reached.open();
      await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      events.push('handler');
      return failuresOf(event.Records.filter(({ body }) => body === 'not done'));
    });
    await send(aws, 'done', 'not done');
    await reached.opened;
    await stop();
    expect(events).toEqual(['handler']);
    expect(await counts(aws)).toEqual(['0', '1']);
  });

  it.each([
    ['it has received but not handed over', true],
    ['a handler threw over', false],
  ])('gives back at once what %s', async (_, between) => {
    const aws = await stack();
    const other = clients({ env: { ...server.env, ML_PIPELINE_STACK: aws.stack } });
    atEnd(() => other.close());
    const stop = new AbortController();
    let invoked = 0;
    if (between) {
      sdkClient(aws.sqs, SQSClient).middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            const answer = await next(args);
            if (commandName === 'ReceiveMessageCommand') stop.abort();
            return answer;
          },
        { step: 'initialize' },
      );
    }
    await send(aws, 'a', 'b');
    const { ended } = work(
      aws,
      async () => {
        invoked++;
        stop.abort();
        throw new Error('stopped');
      },
      { signal: stop.signal },
    );
    await ended;
    expect(invoked).toBe(between ? 0 : 1);
    expect(await counts(other)).toEqual(['2', '0']);
  });
});

describe.skipIf(!server.embedded)('a server', () => {
  it('that goes and comes back without its queues is waited for, and gets them again', async () => {
    const before = await startEmulator({ port: 0 });
    const aws = clients({ env: { ...server.env, AWS_ENDPOINT_URL: before.endpoint } });
    atEnd(() => aws.close());
    const handled: string[] = [];
    const record: Handler = async (event, context) => {
      handled.push(...bodiesOf(event));
      return good(event, context);
    };
    const { lines } = work(aws, record, { tasks: ['copy', 'augment', 'infer'], visibilityTimeout: 77 });
    await eventually(() => queueUrl(aws, queueName(aws.stack, 'copy')).catch(() => undefined)).toBeDefined();
    await send(aws, 'before');
    await eventually(() => handled).toEqual(['before']);
    await before.close();
    await eventually(() => lines).toEqual([expect.stringMatching(/^The worker waits: Nothing answers at /)]);
    const after = await startEmulator({ port: Number(new URL(before.endpoint).port) });
    atEnd(after.close);
    forgetQueues(aws);
    await eventually(() => queueUrl(aws, queueName(aws.stack, 'copy')).catch(() => undefined)).toBeDefined();
    await send(aws, 'after');
    await eventually(() => handled).toEqual(['before', 'after']);
    await eventually(() => lines).toEqual([expect.stringMatching(/^The worker waits/), 'The worker goes on.']);
    const { Attributes } = await aws.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: await queueUrl(aws, queueName(aws.stack, 'copy')),
        AttributeNames: ['VisibilityTimeout'],
      }),
    );
    expect(Attributes).toEqual({ VisibilityTimeout: '77' });
  });

  it('that stays away ends a worker that is to give up, with all its loops', async () => {
    const { endpoint, close } = await startEmulator({ port: 0 });
    const aws = clients({ env: { ...server.env, AWS_ENDPOINT_URL: endpoint } });
    atEnd(() => aws.close());
    const reached = gate();
    let told = false;
    const { ended } = work(
      aws,
      async (event, { signal }) => {
        reached.open();
        await new Promise((resolve) => signal?.addEventListener('abort', resolve));
        told = true;
        return failuresOf(event.Records);
      },
      { tasks: ['copy', 'augment'], concurrency: 2, giveUpAfter: 0.1 },
    );
    await eventually(() => queueUrl(aws, queueName(aws.stack, 'copy')).catch(() => undefined)).toBeDefined();
    await send(aws, 'held');
    await reached.opened;
    await close();
    await expect(ended).rejects.toMatchObject({ code: 'aws.unreachable' });
    expect(told).toBe(true);
  });
});

describe('worker.mjs', () => {
  it('says whose queues it takes, and ends at Ctrl-C with status 130', async () => {
    const env = { ...server.env, ML_PIPELINE_STACK: uniqueName('stack') };
    const worker = start('worker', ['--tasks', 'copy,infer'], env);
    await worker.printed(/^The worker takes copy, infer from http.*, pid \d+\. Stop it with Ctrl-C\.\n$/);
    worker.interrupt();
    expect(await worker.outcome).toMatchObject({
      status: 130,
      stderr: expect.stringMatching(/^Stopping .*\nStopped\. What was not done is in the queues again\.\n$/),
    });
  });

  it.each([
    [['--tasks', 'copy,fly'], "--tasks has 'fly'; it can be copy, augment or infer"],
    [['--concurrency', '0'], "--concurrency is '0'; give a whole number from 1 to 64"],
    [['--visibility', 'long'], "--visibility is 'long'; give a whole number from 1 to 43200"],
  ])('%j is wrong usage', async (args, message) => {
    const { status, stderr } = await run('worker', args, server.env);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(`error: ${message}\n`) });
  });

  it('needs consent for a real account, and a server that answers', async () => {
    const real = await run('worker', [], { ...server.env, AWS_ENDPOINT_URL: 'https://sqs.eu-central-1.amazonaws.com' });
    expect({ status: real.status, line: errorLine(real) }).toEqual({
      status: 1,
      line: expect.stringContaining('--aws'),
    });
    const nobody = await run('worker', [], { ...server.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
    expect({ status: nobody.status, line: errorLine(nobody) }).toEqual({
      status: 1,
      line: expect.stringContaining('Nothing answers at http://127.0.0.1:9'),
    });
  });
});
