import { randomBytes } from 'node:crypto';
import type { Aws } from '../../../aws/index.js';
import { Catalogue, type Entry } from '../../../catalogue/index.js';
import { checkFolder, checkFormats, type MetadataFormat } from '../../../dataset/index.js';
import type { Model } from '../../../model/index.js';
import { chunks, type OnProgress, PipelineError, Tracker } from '../../../work/index.js';
import { numberOf, type Query } from '../../queries.js';
import { ensureQueues } from '../provision.js';
import { type Outgoing, send } from '../send.js';
import { chunkSize } from '../settings.js';
import { begun, definitions, type Step, tasks } from '../tasks/index.js';
import { completeJob, removeJob } from './complete.js';
import { lockFolder } from './folder-lock.js';
import type { JobPlan, JobRecord } from './job-record.js';
import { createJob, moveJob } from './jobs-table.js';
import { getIds, putIds } from './results.js';
import { createShards, fullShards, markShard, readProgress } from './shards.js';

export interface StartOptions {
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
  { formats = [], model, signal, onProgress }: StartOptions = {},
): Promise<string> {
  checkFolder(query.folder);
  checkFormats(formats);
  const steps: Step[] = [];
  for (const task of tasks) {
    const step = await definitions[task].plan(aws, query, { model });
    if (step) steps.push(step);
  }
  await ensureQueues(aws);
  const catalogue = await Catalogue.open<P>(aws);
  const found = catalogue.query(query.where, { fields: ['id'], signal });
  const plan = await found.plan;
  const ids = (await found.toArray()).map(({ id }) => id).sort((a, b) => a - b);
  const { table, bucket } = aws;
  const job: JobPlan = {
    query: numberOf(query),
    name: query.name,
    where: query.where,
    folder: query.folder,
    table,
    bucket,
    schema: catalogue.schema,
    access: plan.access,
    plan: String(plan),
    readUnits: { consumed: found.readUnits, scan: plan.estimate?.scanReadUnits ?? null },
    products: ids.length,
    chunks: Math.ceil(ids.length / chunkSize),
    steps,
    formats: [...formats],
    created: new Date().toISOString(),
  };
  const id = `${job.created.replace(/\D/g, '').slice(0, 14)}-${randomBytes(3).toString('hex')}`;
  try {
    await putIds(aws, id, ids);
    await createShards(aws, { ...job, id });
    await createJob(aws, id, job);
    await lockFolder(aws, id, job);
    const tracker = new Tracker('send', 'products', ids.length, onProgress);
    const messages = chunks(ids, chunkSize).map(
      (some, chunk): Outgoing => ({ job: id, table, bucket, folder: job.folder, chunk, ids: some, steps }),
    );
    await send(aws, messages, signal, (count) => tracker.tick(Math.min(count * chunkSize, ids.length - tracker.done)));
    tracker.end();
    if (ids.length === 0) await completeJob(aws, id, signal);
    return id;
  } catch (error) {
    await undo(aws, { ...job, id });
    throw error;
  }
}

/**
 * Removes a job that could not be started. Its messages that are in a queue already find no job, and are dropped.
 */
async function undo(aws: Aws, job: Pick<JobRecord, 'id' | 'steps' | 'chunks' | 'bucket' | 'folder'>): Promise<void> {
  try {
    await removeJob(aws, job);
  } catch {
    // What stopped the job may stop this too; the first error is the one to report.
  }
}

/**
 * Goes on with a job that was cancelled, has failed, or has lost messages: sends what is not done again. A failed job
 * starts over, but the images that it has made already are kept.
 *
 * @throws PipelineError `job.completed`, `job.folderTaken`
 */
export async function resumeJob(aws: Aws, job: JobRecord, signal?: AbortSignal): Promise<void> {
  const { id, table, bucket, folder } = job;
  if (job.state === 'completed') {
    throw new PipelineError(
      'job.completed',
      `The job ${id} is complete: there is nothing to resume. Run its query again to renew the folder ${folder}.`,
      { value: id },
    );
  }
  checkFolder(folder);
  await lockFolder(aws, id, job);
  if (job.state === 'failed') await createShards(aws, job);
  await moveJob(aws, id, job.state, 'running');
  const steps = job.steps.map(begun);
  const progress = await readProgress(aws, job, signal);
  const messages: Outgoing[] = [];
  for (const [chunk, ids] of chunks(await getIds(aws, id), chunkSize).entries()) {
    const next = progress.findIndex((task) => !task.chunks.has(chunk));
    if (next >= 0) messages.push({ job: id, table, bucket, folder, chunk, ids, steps: steps.slice(next) });
  }
  await send(aws, messages, signal);
  // A handler may have ended between a chunk and what follows the last one.
  const marks = await Promise.all(
    fullShards(job, progress.at(-1)?.chunks ?? new Set()).map((chunk) => markShard(aws, job, chunk)),
  );
  if (messages.length === 0 || marks.includes(true)) await completeJob(aws, id, signal);
}
