import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Aws, clients } from '../../../src/aws/clients.js';
import { Pipeline } from '../../../src/pipeline/index.js';
import { readDeadLetters } from '../../../src/pipeline/queue/dead-letters.js';
import { queueHandler } from '../../../src/pipeline/queue/handle.js';
import { queueUrl } from '../../../src/pipeline/queue/provision.js';
import { maxReceiveCount, queueName } from '../../../src/pipeline/queue/settings.js';
import { type Gate, gate } from '../../scripts/gate.js';
import { uniqueName } from '../../server.js';
import { all, smallCatalogue } from './setup.js';

const handler = queueHandler('copy');
let small: Awaited<ReturnType<typeof smallCatalogue>>;
let door: Gate;
let aws: Aws;
beforeAll(async () => {
  small = await smallCatalogue();
  door = await gate(small.endpoint);
  // The handler finds its clients by the environment, as in Lambda.
  const env = { ...small.env, ML_PIPELINE_STACK: uniqueName('stack') };
  Object.assign(process.env, env, { AWS_ENDPOINT_URL: door.endpoint });
  aws = clients({ env });
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterAll(async () => {
  aws.close();
  await door.close();
  await small.close();
});

/** Waits for two messages of a job in the copy queue and makes an event of them; those of other jobs are left aside. */
async function received(job: { id: string }): Promise<SQSEvent> {
  const Records: SQSEvent['Records'] = [];
  while (Records.length < 2) Records.push(...(await receive()).filter(({ body }) => body.includes(job.id)));
  return { Records: Records.slice(0, 2) };
}

async function receive(): Promise<SQSEvent['Records']> {
  const QueueUrl = await queueUrl(aws, queueName(aws.stack, 'copy'));
  const { Messages = [] } = await aws.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 1,
      WaitTimeSeconds: 10,
      VisibilityTimeout: 600,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
  );
  return Messages.map(({ MessageId = '', ReceiptHandle = '', Body = '', Attributes, MessageAttributes = {} }) => ({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: {
      ApproximateReceiveCount: Attributes?.ApproximateReceiveCount ?? '',
      SentTimestamp: Attributes?.SentTimestamp ?? '',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: Attributes?.ApproximateFirstReceiveTimestamp ?? '',
    },
    messageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [
        name,
        { stringValue: StringValue, dataType: 'String' },
      ]),
    ),
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:copy',
    awsRegion: 'us-east-1',
  }));
}

/** An event as at the last attempt. */
const lastAttempt = ({ Records }: SQSEvent): SQSEvent => ({
  Records: Records.map((record) => ({
    ...record,
    attributes: { ...record.attributes, ApproximateReceiveCount: String(maxReceiveCount) },
  })),
});

describe('a handler', () => {
  it('drops the messages of a job that is no longer', async () => {
    const job = await new Pipeline(aws).run(all('copy'), { mode: 'queue' });
    const event = await received(job);
    await job.remove();
    door.open();
    expect(await handler(event, { getRemainingTimeInMillis: () => 60_000 })).toEqual({ batchItemFailures: [] });
    expect(door.passed('CopyObject')).toBe(0);
  });

  it('that nears its time limit stops, gives back what it has not done, and at the last attempt says why', async () => {
    const job = await new Pipeline(aws).run(all('copy'), { mode: 'queue' });
    const reached = door.hold('CopyObject', 50);
    const event = await received(job);
    const invocation = handler(event, { getRemainingTimeInMillis: () => 5000 });
    await reached;
    const given = event.Records.map(({ messageId }) => ({ itemIdentifier: messageId }));
    expect(await invocation).toEqual({ batchItemFailures: given });
    door.open();
    // They come back after a pause of a second, not when 600 seconds are over.
    const returned = new Set<string>();
    while (!given.every(({ itemIdentifier }) => returned.has(itemIdentifier)))
      for (const { messageId } of await receive()) returned.add(messageId);
    expect(await handler(lastAttempt(event), { getRemainingTimeInMillis: () => 0 })).toEqual({ batchItemFailures: [] });
    const letters = await readDeadLetters(aws, job.id);
    expect(letters.map(({ task, code, reason }) => [task, code, reason])).toEqual(
      Array(2).fill(['copy', 'message.outOfTime', expect.stringMatching(/ran out of time.*Raise its timeout/)]),
    );
    await job.remove();
  });

  it('that is asked to stop gives its messages to others at once, and buries none', async () => {
    const job = await new Pipeline(aws).run(all('copy'), { mode: 'queue' });
    const stop = new AbortController();
    const event = lastAttempt(await received(job));
    const reached = door.hold('CopyObject', 50);
    const invocation = handler(event, { getRemainingTimeInMillis: () => 60_000, signal: stop.signal });
    await reached;
    stop.abort();
    const { batchItemFailures } = await invocation;
    door.open();
    expect(batchItemFailures).toHaveLength(event.Records.length);
    expect(await readDeadLetters(aws, job.id)).toEqual([]);
    await job.remove();
  });

  it('that S3 refuses at the last attempt puts its messages off, and their attempts begin anew', async () => {
    const job = await new Pipeline(aws).run(all('copy'), { mode: 'queue' });
    const event = lastAttempt(await received(job));
    door.refuse('CopyObject');
    expect(await handler(event, { getRemainingTimeInMillis: () => 60_000 })).toEqual({ batchItemFailures: [] });
    door.open();
    expect(await readDeadLetters(aws, job.id)).toEqual([]);
    expect((await job.progress()).waiting).toEqual({
      reason: expect.stringMatching(/SlowDown/),
      until: expect.any(Number),
    });
    const bodies = event.Records.map(({ body }) => body);
    const again: SQSEvent['Records'] = [];
    while (again.length < 2) again.push(...(await receive()).filter(({ body }) => bodies.includes(body)));
    expect(again.map(({ attributes, messageAttributes }) => [attributes, messageAttributes])).toEqual(
      Array(2).fill([
        expect.objectContaining({ ApproximateReceiveCount: '1' }),
        { waits: { stringValue: '1', dataType: 'String' } },
      ]),
    );
    for (const { attributes } of again)
      expect(Number(attributes.ApproximateFirstReceiveTimestamp) - Number(attributes.SentTimestamp)).toBeGreaterThan(
        2500,
      );
    await job.remove();
  }, 60_000);
});
