import type { Aws } from '../../../aws/index.js';
import { confirming, type Held, type Holder, releaseLock, renewLock, takeLock } from '../../../dataset/index.js';
import { PipelineError, shared } from '../../../work/index.js';
import { definitions, type Step, tasks } from '../tasks/index.js';
import type { JobRecord } from './job-record.js';
import { readJob } from './jobs-table.js';

/** Seconds that a job keeps its folders without having done a chunk: its messages may wait behind those of others. */
const term = 6 * 60 * 60;

type Job = Pick<JobRecord, 'id' | 'folder' | 'steps'>;
/** A job whose record may be malformed. */
export type AnyJob = Omit<Job, 'steps'> & Partial<Pick<Job, 'steps'>>;

const holderOf = ({ id }: Pick<Job, 'id'>): Holder => ({ owner: id, kind: 'job', seconds: term });

/** The folders that a job writes to; all that it could, where it is not known what it does. */
export const foldersOf = ({ folder, steps }: Omit<AnyJob, 'id'>): string[] =>
  steps?.map((step) => definitions[step.task].folder(folder, step)) ??
  tasks.map((task) => definitions[task].folder(folder));

/**
 * Takes the folders of a job's steps, so that neither another job nor a direct run writes into them meanwhile.
 *
 * @returns Whether all of them were the job's already: then nobody else has written into them since.
 * @throws PipelineError `job.folderTaken`, `run.folderTaken`
 */
export async function lockFolders(aws: Aws, job: Job): Promise<boolean> {
  const own: boolean[] = [];
  try {
    for (const folder of foldersOf(job)) own.push(await takeLock(aws, folder, holderOf(job), ended));
  } catch (error) {
    // Those that were the job's before are paused, as they were.
    for (const [i, folder] of foldersOf(job).slice(0, own.length).entries())
      await releaseLock(aws, folder, holderOf(job), own[i]);
    throw error;
  }
  return own.every(Boolean);

  async function ended({ kind, owner }: Holder): Promise<boolean> {
    if (kind !== 'job') return false;
    const other = await readJob(aws, owner);
    return other !== undefined && other.state !== 'running';
  }
}

/**
 * Makes sure that a running job still has its folders, or those of some steps, and renews their term.
 *
 * @throws PipelineError `job.cancelled` where the job is no longer running; `job.folderTaken`, `run.folderTaken`
 */
export async function confirmFolders(aws: Aws, job: Job, steps: Step[] = job.steps) {
  const running = async () => (await readJob(aws, job.id))?.state === 'running';
  for (const folder of foldersOf({ ...job, steps }))
    if (!(await renewLock(aws, folder, holderOf(job), running)))
      throw new PipelineError('job.cancelled', `The job ${job.id} is no longer running.`, { value: job.id });
}

/** Milliseconds after which a handler at work looks whether its job still goes on and has its folder. */
const beat = 2000;

/**
 * Does work on the folder of a step while a running job has it, and stops it, requests that are under way included,
 * soon after that ends.
 *
 * @throws PipelineError `job.cancelled`, `job.folderTaken`, `run.folderTaken`; whatever the work throws.
 */
export async function whileRunning(
  aws: Aws,
  job: Job,
  step: Step,
  outer: AbortSignal,
  work: (held: Held) => Promise<void>,
): Promise<void> {
  const confirm = confirming(() => confirmFolders(aws, job, [step]));
  await confirm();
  const lost = new AbortController();
  const look = () => confirm().catch((error) => (hasEnded(error) ? lost.abort(error) : undefined));
  const timer = setInterval(look, beat).unref();
  try {
    await work({ confirm, signal: shared(AbortSignal.any([outer, lost.signal])) });
  } catch (error) {
    // What fails besides is of no interest then.
    throw lost.signal.aborted ? lost.signal.reason : error;
  } finally {
    clearInterval(timer);
    // Where one image has failed, requests for others may still be under way.
    lost.abort();
  }
}

const hasEnded = (error: unknown): boolean => isTaken(error) || isCancelled(error);

/** Whether an error says that a job is no longer running. */
export const isCancelled = (error: unknown): error is PipelineError =>
  error instanceof PipelineError && error.code === 'job.cancelled';

/** Whether an error says that another has the folder. */
export const isTaken = (error: unknown): error is PipelineError =>
  error instanceof PipelineError && error.code.endsWith('.folderTaken');

/** Releases the folders of a job: for good, or until it is resumed or another takes them. */
export async function unlockFolders(aws: Aws, job: AnyJob, paused: boolean): Promise<void> {
  for (const folder of foldersOf(job)) await releaseLock(aws, folder, holderOf(job), paused);
}
