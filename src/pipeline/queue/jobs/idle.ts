import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Aws } from '../../../aws/index.js';
import { PipelineError } from '../../../work/index.js';
import { readDeadLetters } from '../dead-letters.js';
import { queueUrl } from '../provision.js';
import { queueName } from '../settings.js';
import { tasks } from '../tasks/index.js';
import type { JobProgress } from './job-progress.js';

/** Watches a job that makes no progress, and says why once that is clear. */
export class Idle {
  readonly #aws: Aws;
  readonly #job: string;
  #seen = '';
  #since = performance.now();
  #checkedAt = 0;
  #emptyQueues = 0;

  constructor(aws: Aws, job: string) {
    this.#aws = aws;
    this.#job = job;
  }

  async check(progress: JobProgress, signal?: AbortSignal): Promise<void> {
    const now = performance.now();
    const seen = JSON.stringify([progress.tasks, progress.unfinished]);
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#since = now;
      this.#emptyQueues = 0;
    }
    const idle = (now - this.#since) / 1000;
    if (idle < 5 || now - this.#checkedAt < 5000) return;
    this.#checkedAt = now;
    const dead = await readDeadLetters(this.#aws, this.#job, signal);
    if (dead.length > 0 && new Set(dead.map(({ chunk }) => chunk)).size >= progress.unfinished) {
      throw new PipelineError(
        'job.deadLetters',
        `The job ${this.#job} cannot end: ${dead.length} of its messages are dead letters, the first ` +
          `because: ${dead[0]?.reason} Fix the cause, then: npx zx scripts/jobs.mjs redrive ${this.#job}`,
        { value: dead },
      );
    }
    const { waiting, taken } = await depths(this.#aws, signal);
    this.#emptyQueues = waiting + taken === 0 ? this.#emptyQueues + 1 : 0;
    // SQS's counts are approximate: a single one may be wrong.
    if (this.#emptyQueues >= 2) {
      throw new PipelineError(
        'job.stalled',
        `The job ${this.#job} has ${progress.unfinished} unfinished chunks, but nothing is left in the ` +
          `queues. Send them again: npx zx scripts/jobs.mjs resume ${this.#job}`,
        { value: this.#job },
      );
    }
    if (waiting > 0 && taken === 0 && idle >= 30) {
      throw new PipelineError(
        'job.noWorker',
        `Nobody takes the messages of the job ${this.#job}. Start a worker (npx zx scripts/worker.mjs) or ` +
          `deploy the functions (npx zx scripts/deploy.mjs), then: npx zx scripts/jobs.mjs watch ${this.#job}`,
        { value: this.#job },
      );
    }
  }
}

const waitingNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesDelayed'] as const;
const takenName = 'ApproximateNumberOfMessagesNotVisible';

/** How many messages wait in the queues, and how many are being handled. */
async function depths(aws: Aws, signal?: AbortSignal): Promise<{ waiting: number; taken: number }> {
  const each = await Promise.all(
    tasks.map(async (task) => {
      const QueueUrl = await queueUrl(aws, queueName(aws.stack, task));
      const { Attributes } = await aws.sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...waitingNames, takenName] }),
        { abortSignal: signal },
      );
      return {
        waiting: sum(waitingNames.map((name) => Number(Attributes?.[name] ?? 0))),
        taken: Number(Attributes?.[takenName] ?? 0),
      };
    }),
  );
  return { waiting: sum(each.map(({ waiting }) => waiting)), taken: sum(each.map(({ taken }) => taken)) };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
