import type { Aws } from '../../../aws/index.js';
import { allowedFailures } from '../../../catalogue/index.js';
import { type Completed, completeDataset, forgetBegun, type Lineage } from '../../../dataset/index.js';
import { count, PipelineError, plural } from '../../../work/index.js';
import { byMade, definitions, isFresh, type Task } from '../tasks/index.js';
import { type AnyJob, confirmFolders, foldersOf, isTaken, unlockFolders } from './folder-lock.js';
import type { JobRecord, JobState, Outcome } from './job-record.js';
import { forgetJob, moveJob, readJob } from './jobs-table.js';
import { partsOf, removeResults } from './results.js';
import { readProgress, removeShards, type TaskProgress } from './shards.js';

/**
 * Writes the metadata of a job whose chunks are all done, from what its handlers left, and ends it. Two that do so at
 * once write the same.
 */
export async function completeJob(aws: Aws, id: string, signal?: AbortSignal): Promise<void> {
  const job = await readJob(aws, id, signal);
  if (job?.state !== 'running') return;
  const progress = await readProgress(aws, job, signal);
  const reason = tooManyFailures(job, progress);
  if (reason !== undefined) {
    await endJob(aws, job, 'failed', { reason });
    return;
  }
  try {
    await complete(aws, job, progress, signal);
  } catch (error) {
    if (!isTaken(error) && !(error instanceof PipelineError && error.code === 'dataset.imagesGone')) throw error;
    await endJob(aws, job, 'failed', { reason: `${error.message} Then resume the job.` });
  }
}

async function complete(
  aws: Aws,
  job: JobRecord,
  progress: readonly TaskProgress[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const { id } = job;
  const confirm = () => confirmFolders(aws, job);
  const made = new Map<Task, Completed>();
  let parent: Lineage['parent'];
  for (const step of job.steps) {
    const task = definitions[step.task];
    const folder = task.folder(job.folder, step);
    const done = await completeDataset(
      aws,
      folder,
      partsOf(aws, id, step.task, job.chunks, signal),
      task.lineage(step, job, parent),
      // The further formats are for the export.
      { schema: job.schema, formats: parent ? [] : job.formats, confirm, job: id, signal },
    );
    // All that comes after the export is made of it.
    parent ??= { folder, digest: done.digest };
    made.set(step.task, done);
  }
  await endJob(aws, job, 'completed', {
    outcome: {
      ...byMade((task) => made.get(task)?.manifest.count ?? 0),
      failed: [...made.values()].reduce((sum, { manifest }) => sum + manifest.failures.length, 0),
      seconds: (Date.now() - Date.parse(job.created)) / 1000,
      tasks: progress.map(({ task, done, failed }) => ({ task, done, failed })),
    },
  });
  await removeShards(aws, id);
  await removeResults(aws, id);
}

/** Ends a running job and unlocks its folders. Returns false where it had ended already. */
export async function endJob(
  aws: Aws,
  job: JobRecord,
  to: Exclude<JobState, 'running'>,
  result: { reason?: string; outcome?: Outcome } = {},
): Promise<boolean> {
  const ended = await moveJob(aws, job.id, 'running', to, result);
  await unlockFolders(aws, job, to !== 'completed');
  return ended;
}

/**
 * Removes all that there is of a job, but not what it made. Its record goes last: where that is broken off, the job is
 * still listed, and removed again.
 */
export async function removeJob(aws: Aws, job: AnyJob): Promise<void> {
  await moveJob(aws, job.id, 'running', 'cancelled');
  for (const folder of foldersOf(job)) {
    if (await isFresh(aws, folder)) await forgetBegun(aws, folder, job.id);
  }
  await unlockFolders(aws, job, false);
  await removeShards(aws, job.id);
  await removeResults(aws, job.id);
  await forgetJob(aws, job.id);
}

/** Why a job cannot be completed, where more of its items failed than a direct run tolerates. */
function tooManyFailures({ products, steps }: JobRecord, progress: readonly TaskProgress[]): string | undefined {
  let items = products;
  for (const step of steps) {
    const { task } = step;
    const images = progress.find((one) => one.task === task)?.failed ?? 0;
    const failed = images / definitions[task].items(step, 1);
    if (failed > allowedFailures(items))
      return (
        `${count(failed)} of ${plural(items, 'item')} failed in ${task}. What was done is kept; fix the cause and ` +
        'resume the job.'
      );
    if (task === 'copy') items -= failed;
  }
  return undefined;
}
