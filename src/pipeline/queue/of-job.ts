import { createHmac } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ProductId } from '../../catalogue/index.js';
import { PipelineError } from '../../work/index.js';
import type { JobRecord } from './jobs/job-record.js';
import type { Message } from './message.js';
import type { Step } from './tasks/index.js';

/**
 * A digest of the ids of a chunk, made with the key in the job's record: who may send to a queue, but not read that,
 * cannot make one for other ids. So the record has one key, however many chunks there are. Undefined for a job without
 * a key.
 */
export const digestOf = ({ key }: Pick<JobRecord, 'key'>, chunk: number, ids: readonly ProductId[]) =>
  key === undefined
    ? undefined
    : createHmac('sha256', key)
        .update(JSON.stringify([chunk, ids]))
        .digest('hex')
        .slice(0, 32);

/**
 * Checks that a message is one that its job sends: whoever may send to a queue could write anything into it.
 *
 * @throws PipelineError `message.otherJob`
 */
export function checkOfJob(message: Message, job: JobRecord): void {
  const wrong = differenceOf(message, job);
  if (wrong === undefined) return;
  throw new PipelineError(
    'message.otherJob',
    `The message is not as its job ${job.id} sends it: ${wrong}. If the job lacks it, resume the job, which sends ` +
      'what is not done again.',
    { value: message },
  );
}

function differenceOf(
  { folder, table, bucket, chunk, ids, digest, steps }: Message,
  job: JobRecord,
): string | undefined {
  if (folder !== job.folder) return `it is for the folder '${folder}', the job for '${job.folder}'`;
  if (table !== job.table) return `it is about the table ${table}, the job about ${job.table}`;
  if (bucket !== job.bucket) return `it is about the bucket ${bucket}, the job about ${job.bucket}`;
  if (chunk >= job.chunks) return `its chunk is ${chunk}, the job has ${job.chunks}, counted from 0`;
  const size = Math.min(job.chunkSize, job.products - chunk * job.chunkSize);
  if (new Set(ids).size !== size) return `it has ${new Set(ids).size} products, chunk ${chunk} of the job has ${size}`;
  if (digest !== digestOf(job, chunk, ids)) return `its products are not those of chunk ${chunk} of the job`;
  const left = job.steps.slice(-steps.length);
  if (isDeepStrictEqual(steps.map(settings), left.map(settings))) return undefined;
  return `its steps are ${JSON.stringify(steps)}, those of the job ${JSON.stringify(job.steps)}`;
}

/** A step without whether its folder was empty, which a job that is resumed does not say. */
const settings = (step: Step): Step => ('fresh' in step ? { ...step, fresh: false } : step);
