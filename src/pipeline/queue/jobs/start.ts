import { randomBytes } from 'node:crypto';
import type { Aws } from '../../../aws/index.js';
import { byId, Catalogue, type Entry, type ProductId, type Schema } from '../../../catalogue/index.js';
import { checkFolder, checkFormats, claimFolder, type MetadataFormat, noteBegun } from '../../../dataset/index.js';
import type { Model } from '../../../model/index.js';
import { chunks, type OnProgress, PipelineError, Tracker } from '../../../work/index.js';
import { numberOf, type Query } from '../../queries.js';
import { digestOf } from '../of-job.js';
import { ensureQueues } from '../provision.js';
import { type Outgoing, send } from '../send.js';
import { chunkSizeOf } from '../settings.js';
import { begun, definitions, type Step, tasks } from '../tasks/index.js';
import { completeJob, removeJob } from './complete.js';
import { lockFolders, unlockFolders } from './folder-lock.js';
import type { JobPlan, JobRecord } from './job-record.js';
import { createJob, moveJob, readJob, unknownJob } from './jobs-table.js';
import { getIds, putIds } from './results.js';
import { whileSending } from './sending.js';
import { createShards, fullShards, markShard, readProgress, type TaskProgress } from './shards.js';

export interface StartOptions {
  /** The schema of the table; default: as `Catalogue.open` finds it. */
  schema?: Schema | undefined;
  formats?: readonly MetadataFormat[] | undefined;
  model?: Model | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
}

/**
 * Starts a job: finds the products of a query, writes the job down and sends its chunks to the queues. Where that does
 * not succeed, nothing is left of it.
 *
 * @returns Its id.
 * @throws PipelineError `condition.…`, `augment.…`, `dataset.badFolder`, `dataset.unknownFormat`, `job.folderTaken`,
 * `job.modelElsewhere`, `queue.missing`, `aws.…`
 */
export async function startJob<P extends Entry>(
  aws: Aws,
  query: Query<P>,
  { schema: wanted, formats = [], model, signal, onProgress }: StartOptions = {},
): Promise<string> {
  checkFolder(query.folder);
  checkFormats(formats);
  const steps: Step[] = [];
  for (const task of tasks) {
    const step = await definitions[task].plan(aws, query, { model });
    if (step) steps.push(step);
  }
  await ensureQueues(aws);
  const catalogue = await Catalogue.open<P>(aws, wanted);
  const found = catalogue.query(query.where, { fields: ['id'], signal });
  const plan = await found.plan;
  const ids = (await found.toArray()).sort(byId).map(({ id }) => id);
  const { schema } = catalogue;
  for (const step of steps) await definitions[step.task].check?.(aws, { step, ids, schema }, signal);
  const { table, bucket, imageBucket } = aws;
  const chunkSize = chunkSizeOf(Math.max(...steps.map((step) => definitions[step.task].items(step, 1))));
  const job: JobPlan = {
    query: numberOf(query),
    name: query.name,
    where: query.where,
    folder: query.folder,
    table,
    bucket,
    imageBucket,
    schema,
    access: plan.access,
    plan: String(plan),
    notes: [...found.notes],
    readUnits: { consumed: found.readUnits, scan: plan.estimate?.scanReadUnits ?? null },
    products: ids.length,
    chunks: Math.ceil(ids.length / chunkSize),
    chunkSize,
    key: randomBytes(16).toString('hex'),
    steps,
    formats: [...formats],
    created: new Date().toISOString(),
  };
  const id = `${job.created.replace(/\D/g, '').slice(0, 14)}-${randomBytes(3).toString('hex')}`;
  try {
    // The record comes first: whatever else is left where this process is killed is found by it.
    await createJob(aws, id, job);
    await whileSending(aws, id, async () => {
      await lockFolders(aws, { ...job, id });
      await begin(aws, { ...job, id }, ids, signal);
      await putIds(aws, id, ids);
      await createShards(aws, { ...job, id });
      const tracker = new Tracker('send', 'products', ids.length, onProgress);
      const messages = chunks(ids, chunkSize).map((some, chunk) => messageOf({ ...job, id }, chunk, some, steps));
      await send(aws, messages, signal, (sent) => tracker.tick(Math.min(sent * chunkSize, ids.length - tracker.done)));
      tracker.end();
    });
    if (ids.length === 0) await completeJob(aws, id, signal);
    return id;
  } catch (error) {
    await undo(aws, { ...job, id });
    throw error;
  }
}

/** Makes sure of the folders of a job's steps, and notes what it is about to put there. */
async function begin(
  aws: Aws,
  { id: job, folder, steps }: Pick<JobRecord, 'id' | 'folder' | 'steps'>,
  ids: readonly ProductId[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const step of steps) {
    const task = definitions[step.task];
    const existing = await claimFolder(aws, task.folder(folder, step), signal);
    const files = ids.flatMap((id) => task.files(step, id)).filter((file) => !existing.has(file));
    await noteBegun(aws, task.folder(folder, step), files, { job, signal });
  }
}

/**
 * Removes a job that could not be started. Its messages that are in a queue already find no job, and are dropped.
 */
async function undo(aws: Aws, job: JobPlan & Pick<JobRecord, 'id'>): Promise<void> {
  try {
    await removeJob(aws, job);
  } catch {
    // What stopped the job may stop this too; the first error is the one to report.
  }
}

/**
 * Goes on with a job that was cancelled, has failed, was interrupted when it was started, or has lost messages: sends
 * what is not done again. A failed job starts over, but the images that it has made already are kept.
 *
 * @throws PipelineError `job.completed`, `job.unknown`, `job.folderTaken`, `job.unstarted`
 */
export async function resumeJob(aws: Aws, job: JobRecord, signal?: AbortSignal): Promise<void> {
  const { id } = job;
  if (job.state === 'completed') throw completed(job);
  checkFolder(job.folder);
  const ids = await idsOf(aws, id);
  const kept = await lockFolders(aws, job);
  await begin(aws, job, ids, signal);
  // Where another has written to a folder meanwhile, nothing that was done counts: a failed job starts over.
  if (!kept && job.state !== 'failed') await moveJob(aws, id, job.state, 'failed');
  const state = kept ? job.state : 'failed';
  await createShards(aws, job, { anew: state === 'failed' });
  if (!(await moveJob(aws, id, state, 'running'))) {
    // Another process was quicker: it goes on with the job itself, has ended it, or has removed it.
    const now = await readJob(aws, id, signal);
    if (now?.state === 'running') return;
    if (now) {
      await unlockFolders(aws, job, true);
      return resumeJob(aws, now, signal);
    }
    await removeJob(aws, job);
    throw unknownJob(aws, id);
  }
  const progress = await readProgress(aws, job, signal);
  await whileSending(aws, id, () => send(aws, remaining(job, ids, progress), signal));
  // A handler may have ended between a chunk and what follows the last one.
  const done = progress.at(-1)?.chunks ?? new Set();
  const marks = await Promise.all(fullShards(job, done).map((chunk) => markShard(aws, job, chunk)));
  if (done.size === job.chunks || marks.includes(true)) await completeJob(aws, id, signal);
}

/** The messages of what is not done. */
function remaining(job: JobRecord, ids: readonly ProductId[], progress: readonly TaskProgress[]): Outgoing[] {
  const known = job.steps.map(begun);
  return chunks(ids, job.chunkSize).flatMap((some, chunk) => {
    const next = progress.findIndex((task) => !task.chunks.has(chunk));
    return next < 0 ? [] : [messageOf(job, chunk, some, known.slice(next))];
  });
}

/** The message of a chunk, with the steps that are left to do. */
function messageOf(
  job: JobPlan & Pick<JobRecord, 'id'>,
  chunk: number,
  ids: readonly ProductId[],
  steps: readonly Step[],
): Outgoing {
  const { id, table, bucket, folder } = job;
  const digest = digestOf(job, chunk, ids);
  return { job: id, table, bucket, folder, chunk, ids: [...ids], digest, steps: [...steps] };
}

async function idsOf(aws: Aws, id: string): Promise<ProductId[]> {
  try {
    return await getIds(aws, id);
  } catch (cause) {
    if (!(cause instanceof PipelineError && cause.code === 's3.notFound')) throw cause;
    throw new PipelineError(
      'job.unstarted',
      `The job ${id} was interrupted before its products were written down, so there is nothing to resume. Remove it ` +
        `(npx zx scripts/jobs.mjs remove ${id}) and run its query again.`,
      { value: id, cause },
    );
  }
}

const completed = ({ id, folder }: Pick<JobRecord, 'id' | 'folder'>): PipelineError =>
  new PipelineError(
    'job.completed',
    `The job ${id} is complete: there is nothing to resume. Run its query again to renew the folder ${folder}.`,
    { value: id },
  );
