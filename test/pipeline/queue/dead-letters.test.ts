import { ReceiveMessageCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, it } from 'vitest';
import { clients } from '../../../src/aws/clients.js';
import { readDeadLetters, redriveDeadLetters } from '../../../src/pipeline/queue/dead-letters.js';
import { ensureQueues, queueUrl } from '../../../src/pipeline/queue/provision.js';
import { deadLetterQueueName, queueName } from '../../../src/pipeline/queue/settings.js';
import { chunks } from '../../../src/work/index.js';
import { testServer, uniqueName } from '../../server.js';

const server = await testServer();
const ends: (() => void)[] = [];
afterAll(async () => {
  for (const end of ends) end();
  await server.close();
});

/** A stack with so many dead letters of the job `mine`, and some of another one. */
async function letters(count: number) {
  const aws = clients({ env: { ...server.env, ML_PIPELINE_STACK: uniqueName('stack') } });
  ends.push(() => aws.close());
  await ensureQueues(aws);
  const QueueUrl = await queueUrl(aws, deadLetterQueueName(aws.stack, 'copy'));
  const bodies = [...Array(count + 3).keys()].map((chunk) => ({
    job: chunk < count ? 'mine' : 'other',
    chunk,
    ids: [1],
  }));
  for (const some of chunks(bodies, 10)) {
    const Entries = some.map((body) => ({ Id: String(body.chunk), MessageBody: JSON.stringify(body) }));
    await aws.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }
  return { aws, QueueUrl };
}

const all = (count: number) => [...Array(count).keys()];
const chunksOf = (found: { chunk: number | undefined }[]) =>
  found.map(({ chunk }) => Number(chunk)).sort((a, b) => a - b);

describe('dead letters', () => {
  it('are seen by all who look at the same time, and redriven while others look', async () => {
    const { aws } = await letters(25);
    const looks = await Promise.all([1, 2, 3].map(() => readDeadLetters(aws, 'mine')));
    expect(looks.map(chunksOf)).toEqual(Array(3).fill(all(25)));
    const stop = new AbortController();
    const watching = (async () => {
      while (!stop.signal.aborted) await readDeadLetters(aws, 'mine');
    })();
    expect(await redriveDeadLetters(aws, 'mine')).toHaveLength(25);
    stop.abort();
    await watching;
    expect(chunksOf(await readDeadLetters(aws))).toEqual([25, 26, 27]);
    expect(await redriveDeadLetters(aws, 'mine')).toHaveLength(0);
  }, 60_000);

  it('that a killed process holds are waited for', async () => {
    const { aws, QueueUrl } = await letters(2);
    await aws.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 3 }));
    expect(await redriveDeadLetters(aws, 'mine')).toHaveLength(2);
    const { Messages = [] } = await aws.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: await queueUrl(aws, queueName(aws.stack, 'copy')),
        MaxNumberOfMessages: 10,
      }),
    );
    expect(Messages).toHaveLength(2);
  }, 30_000);
});
