import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Aws } from '../../../aws/index.js';
import { count, PipelineError } from '../../../work/index.js';
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
        `The job ${this.#job} cannot end: ${count(dead.length)} of its messages are dead letters, the first ` +
          `because: ${dead[0]?.reason} Fix the cause, then: npx zx scripts/jobs.mjs redrive ${this.#job}`,
        { value: dead },
      );
    }
    const { waiting, delayed, taken } = await depths(this.#aws, signal);
    this.#emptyQueues = waiting + delayed + taken === 0 ? this.#emptyQueues + 1 : 0;
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

const attributeOf = {
  waiting: 'ApproximateNumberOfMessages',
  delayed: 'ApproximateNumberOfMessagesDelayed',
  taken: 'ApproximateNumberOfMessagesNotVisible',
} as const;

/**
 * How many messages wait in the queues for somebody to take them, how many were put off for a while, and how many are
 * being handled.
 */
async function depths(aws: Aws, signal?: AbortSignal): Promise<Record<keyof typeof attributeOf, number>> {
  const queues = await Promise.all(
    tasks.map(async (task) => {
      const QueueUrl = await queueUrl(aws, queueName(aws.stack, task));
      const { Attributes = {} } = await aws.sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: Object.values(attributeOf) }),
        { abortSignal: signal },
      );
      return Attributes;
    }),
  );
  const total = (of: keyof typeof attributeOf): number =>
    queues.reduce((sum, attributes) => sum + Number(attributes[attributeOf[of]] ?? 0), 0);
  return { waiting: total('waiting'), delayed: total('delayed'), taken: total('taken') };
}
