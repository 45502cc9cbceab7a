import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { clients } from '../../../src/aws/clients.js';
import { Idle } from '../../../src/pipeline/queue/jobs/idle.js';
import type { JobProgress } from '../../../src/pipeline/queue/jobs/job-progress.js';
import { ensureQueues, queueUrl } from '../../../src/pipeline/queue/provision.js';
import { queueName } from '../../../src/pipeline/queue/settings.js';
import { testServer, uniqueName } from '../../server.js';

const server = await testServer();
const aws = clients({ env: { ...server.env, ML_PIPELINE_STACK: uniqueName('stack') } });
afterEach(() => void vi.restoreAllMocks());
afterAll(async () => {
  aws.close();
  await server.close();
});

const progress: JobProgress = {
  state: 'running',
  reason: undefined,
  tasks: [],
  waiting: undefined,
  unfinished: 1,
  seconds: 60,
};

/** What is said of a job that makes no progress, after so many seconds and twice more. */
async function check(seconds: number): Promise<void> {
  const idle = new Idle(aws, 'some');
  await idle.check(progress);
  const now = performance.now();
  for (const later of [seconds, seconds + 6, seconds + 12]) {
    vi.spyOn(performance, 'now').mockReturnValue(now + later * 1000);
    await idle.check(progress);
  }
}

describe('a job without progress', () => {
  it('is stalled where nothing is queued, waits where its messages were put off, and else lacks a worker', async () => {
    await ensureQueues(aws);
    await expect(check(40)).rejects.toMatchObject({ code: 'job.stalled' });
    const QueueUrl = await queueUrl(aws, queueName(aws.stack, 'copy'));
    await aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'put off', DelaySeconds: 900 }));
    await check(40);
    await aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'waiting' }));
    await expect(check(40)).rejects.toMatchObject({ code: 'job.noWorker' });
  });
});
