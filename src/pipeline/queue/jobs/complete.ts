import type { Aws } from '../../../aws/index.js';
import { allowedFailures, columnNames } from '../../../catalogue/index.js';
import { type Completed, completeDataset, exportLineage } from '../../../dataset/index.js';
import { augmentedFolder, predictionsFolder } from '../../folders.js';
import type { StepOf } from '../message.js';
import type { Task } from '../settings.js';
import { unlockFolder } from './folder-lock.js';
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
  const { folder, name, where, table, schema, access, formats, chunks } = job;
  const parts = (task: Task) => partsOf(aws, id, task, chunks, signal);
  const exported = await completeDataset(
    aws,
    folder,
    parts('copy'),
    exportLineage({ name, where, table, plan: access }, schema && columnNames(schema)),
    { schema, formats, signal },
  );
  const parent = { folder, digest: exported.digest };
  const recipe = stepOf(job, 'augment')?.recipe;
  const augmented =
    recipe &&
    (await completeDataset(
      aws,
      augmentedFolder(folder),
      parts('augment'),
      { kind: 'augmented', parent, augmentation: recipe },
      { signal },
    ));
  const model = stepOf(job, 'infer')?.model;
  const ran = model && {
    name: model.name,
    fingerprint: model.fingerprint,
    backend: [...job.backends].sort().join(', '),
  };
  const labelled =
    ran &&
    (await completeDataset(
      aws,
      predictionsFolder(folder),
      parts('infer'),
      { kind: 'predictions', parent, model: ran },
      { signal },
    ));
  const made = [exported, augmented, labelled];
  await endJob(aws, job, 'completed', {
    outcome: {
      exported: countOf(exported),
      augmented: countOf(augmented),
      inferred: countOf(labelled),
      failed: made.reduce((sum, done) => sum + (done?.manifest.failures.length ?? 0), 0),
      seconds: (Date.now() - Date.parse(job.created)) / 1000,
      tasks: progress.map(({ task, done, failed }) => ({ task, done, failed })),
    },
  });
  await removeShards(aws, job);
  await removeResults(aws, id);
}

/** Ends a running job and gives its folder free. Gives false where it runs no more. */
export async function endJob(
  aws: Aws,
  job: JobRecord,
  to: Exclude<JobState, 'running'>,
  result: { reason?: string; outcome?: Outcome } = {},
): Promise<boolean> {
  const ended = await moveJob(aws, job.id, 'running', to, result);
  if (ended) await unlockFolder(aws, job);
  return ended;
}

/** Removes all that there is of a job, but not what it made. */
export async function removeJob(
  aws: Aws,
  job: Pick<JobRecord, 'id' | 'steps' | 'chunks' | 'bucket' | 'folder'>,
): Promise<void> {
  await forgetJob(aws, job.id);
  await unlockFolder(aws, job);
  await removeShards(aws, job);
  await removeResults(aws, job.id);
}

const countOf = (done: Completed | undefined): number => done?.manifest.count ?? 0;

/** What a job's step of some task is to do; undefined where it has none. */
export function stepOf<T extends Task>({ steps }: Pick<JobRecord, 'steps'>, task: T): StepOf<T> | undefined {
  return steps.find((step): step is StepOf<T> => step.task === task);
}

/** Why a job cannot be completed, where more of its items failed than a direct run bears. */
function tooManyFailures(job: JobRecord, progress: readonly TaskProgress[]): string | undefined {
  let items = job.products;
  for (const { task, failed } of progress) {
    const variants = task === 'augment' ? (stepOf(job, task)?.recipe.variants ?? 1) : 1;
    if (failed / variants > allowedFailures(items))
      return (
        `${failed / variants} of ${items} items failed in ${task}. What was done is kept; mend the cause and ` +
        'resume the job.'
      );
    if (task === 'copy') items -= failed;
  }
  return undefined;
}
