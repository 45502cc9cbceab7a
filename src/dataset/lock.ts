import { randomUUID } from 'node:crypto';
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { type Aws, getObject, putIfUnchanged } from '../aws/index.js';
import { PipelineError } from '../work/index.js';
import { accountOf } from './begun.js';

const holderSchema = z.object({
  /** A job's id, or one that a run drew. */
  owner: z.string(),
  kind: z.enum(['job', 'run']),
  /** Seconds that the lock holds after it was written last. */
  seconds: z.number(),
  /** Where a run is. */
  process: z.object({ machine: z.string(), host: z.string(), pid: z.int() }).optional(),
  /** That nobody works on the folder, and the owner may go on with it: a job that was cancelled or has failed. */
  paused: z.boolean().optional(),
});

/** Who writes to a folder, as its lock has it. */
export type Holder = z.infer<typeof holderSchema>;

/** A lock as it lies in the bucket. The times of both are S3's own: clocks of other machines may be wrong. */
interface Lock {
  holder: Holder;
  etag: string;
  written: number;
}

const keyOf = (folder: string): string => `${accountOf(folder)}.lock`;

/**
 * Takes the lock of a folder, or writes it anew for its owner. Another's lock is taken over where it is paused, its
 * term is past or `ended` knows that its holder is gone. S3 writes it only where it is as it was read, so that of
 * several who take it at once one gets it.
 *
 * @returns Whether it was the owner's already: then nobody else has written to the folder since.
 * @throws PipelineError `job.folderTaken`, `run.folderTaken` where another has it.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function takeLock(
  aws: Aws,
  folder: string,
  holder: Holder,
  ended: (holder: Holder) => Promise<boolean>,
): Promise<boolean> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const lock = await readLock(aws, folder);
    const own = lock?.holder.owner === holder.owner;
    if (lock && !own && !lock.holder.paused && !(await ended(lock.holder)) && !(await isPast(aws, folder, lock)))
      throw taken(aws, folder, lock.holder);
    if (await writeLock(aws, folder, holder, lock)) return own;
  }
  throw unwritable(aws, folder);
}

/** Each attempt that fails means that another writes the same lock; so many in succession mean that S3 takes none. */
const mostAttempts = 20;

/**
 * Makes sure that a lock is still its owner's, and renews it where a quarter of its term is past.
 *
 * @param missing Whether it may be written anew where it is not there.
 * @returns False where it is paused, or not there and may not be written.
 * @throws PipelineError `job.folderTaken`, `run.folderTaken` where another has taken it over meanwhile.
 */
export async function renewLock(
  aws: Aws,
  folder: string,
  holder: Holder,
  missing: () => Promise<boolean>,
): Promise<boolean> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const lock = await readLock(aws, folder);
    if (lock && lock.holder.owner !== holder.owner) throw taken(aws, folder, lock.holder);
    if (lock ? lock.holder.paused : !(await missing())) return false;
    if (lock && Date.now() - lock.written < (holder.seconds * 1000) / 4) return true;
    if (await writeLock(aws, folder, holder, lock)) return true;
  }
  throw unwritable(aws, folder);
}

/** Gives a lock up, if it is still its owner's. One that is `paused` stays, to tell whether another comes between. */
export async function releaseLock(aws: Aws, folder: string, holder: Holder, paused = false): Promise<void> {
  const lock = await readLock(aws, folder);
  if (lock?.holder.owner !== holder.owner) return;
  if (!(await writeLock(aws, folder, paused ? { ...holder, paused } : holder, lock))) return;
  // Written just now, the lock is its owner's for a term: nobody else can have it when this arrives. (A condition on
  // the deletion would be shorter, but not every server has that.)
  if (!paused) await aws.s3.send(new DeleteObjectCommand({ Bucket: aws.bucket, Key: keyOf(folder) }));
}

async function readLock(aws: Aws, folder: string): Promise<Lock | undefined> {
  try {
    const { bytes, etag, modified } = await getObject(aws, keyOf(folder));
    return { holder: holderSchema.parse(JSON.parse(Buffer.from(bytes).toString())), etag, written: modified };
  } catch (error) {
    if (error instanceof PipelineError && error.code === 's3.notFound') return undefined;
    throw error;
  }
}

/** Writes a lock if it is as it was read; returns whether it was. */
const writeLock = (aws: Aws, folder: string, holder: Holder, lock: Lock | undefined): Promise<boolean> =>
  putIfUnchanged(aws, keyOf(folder), JSON.stringify(holder), lock?.etag);

/** Whether the term of a lock is past, by S3's clock. */
async function isPast({ s3, bucket }: Aws, folder: string, { holder, written }: Lock): Promise<boolean> {
  const clock = { Bucket: bucket, Key: `${accountOf(folder)}.now-${randomUUID()}` };
  await s3.send(new PutObjectCommand({ ...clock, Body: 'now' }));
  const { LastModified } = await s3.send(new HeadObjectCommand(clock));
  await s3.send(new DeleteObjectCommand(clock));
  return (LastModified?.getTime() ?? 0) - written > holder.seconds * 1000;
}

const unwritable = ({ bucket }: Aws, folder: string): PipelineError =>
  new PipelineError(
    'dataset.unlockable',
    `The lock of s3://${bucket}/${folder}/ cannot be written: the server refuses it, though nobody else has changed ` +
      'it. It may not support conditional writes (If-Match, If-None-Match), as S3 does.',
    { value: folder },
  );

function taken({ bucket }: Aws, folder: string, { kind, owner, process, seconds }: Holder): PipelineError {
  const place = `s3://${bucket}/${folder}/`;
  return kind === 'job'
    ? new PipelineError(
        'job.folderTaken',
        `The job ${owner} is writing to ${place}. Wait for it, cancel it (npx zx scripts/jobs.mjs cancel ${owner}), ` +
          'or choose another folder.',
        { value: owner },
      )
    : new PipelineError(
        'run.folderTaken',
        `Another run (process ${process?.pid} on ${process?.host}) is writing to ${place}. Wait for it, or choose ` +
          `another folder; where it has crashed, run this again in ${seconds} seconds.`,
        { value: folder },
      );
}
