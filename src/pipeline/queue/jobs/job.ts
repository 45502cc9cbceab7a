import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { Aws } from '../../../aws/index.js';
import { openDataset } from '../../../dataset/index.js';
import { interruptible, type OnProgress, PipelineError, plural, type StepOptions } from '../../../work/index.js';
import { type Run, runOf } from '../../run.js';
import { type DeadLetter, readDeadLetters, redriveDeadLetters, removeDeadLetters } from '../dead-letters.js';
import { ensureQueues } from '../provision.js';
import { definitions, type Step } from '../tasks/index.js';
import { endJob, removeJob } from './complete.js';
import { Idle } from './idle.js';
import type { JobProgress } from './job-progress.js';
import type { JobRecord, ListedJob } from './job-record.js';
import { findJob, listRecords, readJob, unknownJob } from './jobs-table.js';
import { isInterrupted } from './sending.js';
import { readProgress } from './shards.js';
import { stages } from './stages.js';
import { resumeJob } from './start.js';

/**
 * A run through the queues: started by one process, done by others, watched by any.
 *
 * @example
 * const job = await pipeline.run(queries.maleShoesFrom2012, { mode: 'queue' });
 * const shoes = await job.result();                       // waits, with a progress bar in a notebook
 * const same = await pipeline.job(job.id);                // from another process
 * console.log(await same.progress(), await same.deadLetters());
 */
export class Job {
  readonly #aws: Aws;
  readonly #record: ListedJob;
  readonly #onProgress: OnProgress | undefined;

  constructor(aws: Aws, record: ListedJob, onProgress?: OnProgress) {
    this.#aws = aws;
    this.#record = record;
    this.#onProgress = onProgress;
  }

  /** Any process finds the job by it: the time when it was started and a few random digits. */
  get id(): string {
    return this.#record.id;
  }

  /** The query's name. */
  get name(): string {
    return this.#record.name ?? 'query';
  }

  /** The folder that it writes to. */
  get folder(): string {
    return this.#record.folder;
  }

  /** Products found. */
  get products(): number {
    return this.#record.products;
  }

  /** When it was started. */
  get created(): Date {
    return new Date(this.#record.created);
  }

  /** How far it has come, as of now. */
  async progress(signal?: AbortSignal): Promise<JobProgress> {
    if (this.#record.state === 'malformed') {
      const { state, reason } = this.#record;
      return { state, reason, tasks: [], waiting: undefined, unfinished: 0, seconds: 0 };
    }
    // In this order: a job that ends in between has its counts in its record.
    const progress = await readProgress(this.#aws, this.#record, signal);
    const record = await this.#read(signal);
    const { outcome, products, chunks, steps } = record;
    const counts = outcome?.tasks ?? progress;
    const { state, reason } = isInterrupted(record)
      ? {
          state: 'interrupted' as const,
          reason:
            'who started it was stopped before all its messages were sent. Send them: npx zx scripts/jobs.mjs resume ' +
            `${this.id}, or remove it: npx zx scripts/jobs.mjs remove ${this.id}`,
        }
      : record;
    return {
      state,
      reason,
      tasks: steps.map((step) => {
        const { done = 0, failed = 0 } = counts.find(({ task }) => task === step.task) ?? {};
        return { task: step.task, done, failed, total: definitions[step.task].items(step, products) };
      }),
      waiting: state === 'running' && record.waiting && record.waiting.until > Date.now() ? record.waiting : undefined,
      unfinished: state === 'completed' ? 0 : chunks - (progress.at(-1)?.chunks.size ?? 0),
      seconds: outcome?.seconds ?? (Date.now() - this.created.getTime()) / 1000,
    };
  }

  /**
   * Waits for the job to end, and opens what it made: the same as of a direct run.
   *
   * @throws PipelineError `run.tooManyFailures`, `job.cancelled`; and where it cannot end by itself: `job.deadLetters`,
   * `job.stalled`, `job.noWorker`, `job.malformed`. The job is still there then.
   */
  result({ signal, onProgress = this.#onProgress }: StepOptions = {}): Promise<Run> {
    const goOn =
      `The job ${this.id} goes on without this cell: run the cell again to wait for it, or stop it with its ` +
      'cancel().';
    return interruptible({ signal, onProgress }, goOn, (steps) => this.#result(steps));
  }

  async #result({ signal, onProgress }: StepOptions): Promise<Run> {
    const report = stages(onProgress);
    const idle = new Idle(this.#aws, this.id);
    const longest = this.products > 100_000 ? 5000 : 1000;
    for (let pause = 100; ; pause = Math.min(pause * 1.2, longest)) {
      const progress = await this.progress(signal);
      report(progress);
      if (progress.state !== 'running' && progress.state !== 'interrupted') return this.#outcome(progress);
      await idle.check(progress, signal);
      await sleep(pause, undefined, { signal });
    }
  }

  async #outcome({ state, reason = '' }: JobProgress): Promise<Run> {
    if (state === 'cancelled') {
      throw new PipelineError(
        'job.cancelled',
        `The job ${this.id} was cancelled. Go on with it: npx zx scripts/jobs.mjs resume ${this.id}`,
        { value: this.id },
      );
    }
    if (state === 'failed')
      throw new PipelineError('run.tooManyFailures', `The job ${this.id} was stopped: ${reason}`, { value: this.id });
    const record = await this.#read(); // Says what is wrong with a malformed one.
    const open = (step: Step) => openDataset(this.#aws, definitions[step.task].folder(record.folder, step));
    const [exported, ...derived] = await Promise.all([
      openDataset(this.#aws, record.folder),
      ...record.steps.slice(1).map(async (step) => [step.task, await open(step)] as const),
    ]);
    const { query, plan, notes = [], readUnits, products, outcome } = record;
    return runOf(exported, new Map(derived), {
      query,
      name: this.name,
      products,
      plan,
      notes,
      readUnits,
      seconds: outcome?.seconds ?? 0,
    });
  }

  /** Stops it: its messages are dropped when they are received. What was done is kept. False where it had ended. */
  async cancel(): Promise<boolean> {
    return endJob(this.#aws, await this.#read(), 'cancelled');
  }

  /**
   * Goes on with a job that was cancelled, has failed, was interrupted when it was started, or has lost messages.
   *
   * @throws PipelineError `job.completed`, `job.folderTaken`, `job.unstarted`, `job.malformed`
   */
  async resume({ signal }: Pick<StepOptions, 'signal'> = {}): Promise<void> {
    await resumeJob(this.#aws, await this.#read(), signal);
  }

  /** Its messages that failed for good, and why. */
  deadLetters(signal?: AbortSignal): Promise<DeadLetter[]> {
    return readDeadLetters(this.#aws, this.id, signal);
  }

  /** Sends its dead letters to the queues again; returns how many. */
  async redrive(signal?: AbortSignal): Promise<number> {
    return (await redriveDeadLetters(this.#aws, this.id, signal)).length;
  }

  /** Removes its record and its dead letters; what it made stays. A running job is cancelled first. */
  async remove(): Promise<void> {
    await removeJob(this.#aws, this.#record);
    await removeDeadLetters(this.#aws, this.id);
  }

  /** Its id, name, folder and number of products, in one line. */
  toString(): string {
    return `job ${this.id}: ${this.name} to ${this.folder}, ${plural(this.products, 'product')}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #read(signal?: AbortSignal): Promise<JobRecord> {
    return readExisting(this.#aws, this.id, signal);
  }
}

async function readExisting(aws: Aws, id: string, signal?: AbortSignal): Promise<JobRecord> {
  const record = await readJob(aws, id, signal);
  if (record) return record;
  throw unknownJob(aws, id);
}

/** The job of an id. @throws PipelineError `job.unknown` */
export async function openJob(aws: Aws, id: string, onProgress?: OnProgress): Promise<Job> {
  await ensureQueues(aws);
  const record = await findJob(aws, id);
  if (!record) throw unknownJob(aws, id);
  return new Job(aws, record, onProgress);
}

/** All jobs of the stack, the newest first. */
export async function listJobs(aws: Aws, onProgress?: OnProgress): Promise<Job[]> {
  await ensureQueues(aws);
  return (await listRecords(aws)).map((record) => new Job(aws, record, onProgress));
}
