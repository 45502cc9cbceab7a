import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { messageOf, PipelineError } from '../work/index.js';
import { cutOff, readAll } from './answers.js';
import { type Aws, sdkClient } from './clients.js';
import { type Head, md5Entry } from './md5.js';

export type Bucket = Pick<Aws, 's3' | 'bucket'>;

/** How many requests for images run at a time by default: enough to hide AWS's latency of tens of milliseconds. */
export const imageConcurrency = 64;

/** An ETag without the quotes that S3 puts around it. */
export const unquoted = (etag = ''): string => etag.replaceAll('"', '');

/**
 * Deletes objects, 1,000 a request. Keys that do not exist are not an error.
 *
 * @throws PipelineError `s3.notDeleted`
 */
export async function remove({ s3, bucket }: Bucket, keys: readonly string[], signal?: AbortSignal): Promise<void> {
  for (let i = 0; i < keys.length; i += 1000) {
    const { Errors } = await s3.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects: keys.slice(i, i + 1000).map((Key) => ({ Key })), Quiet: true },
      }),
      { abortSignal: signal },
    );
    const [error] = Errors ?? [];
    if (error)
      throw new PipelineError(
        's3.notDeleted',
        `s3://${bucket}/${error.Key} was not deleted: ${error.Message}. Run it again.`,
        { value: error.Key },
      );
  }
}

const readAttempts = 6;

/**
 * The bytes of an object. Where they break off on their way, or are not those that S3 has a checksum of, the object is
 * asked for again.
 *
 * @throws PipelineError `s3.notFound`; `aws.cutOff` where it was cut off six times.
 */
export async function getBytes(aws: Bucket, key: string, signal?: AbortSignal): Promise<Uint8Array> {
  return (await getObject(aws, key, { signal })).bytes;
}

/** An object as it was read. */
export interface StoredObject {
  bytes: Uint8Array;
  /** With its quotes, as conditions take it. */
  etag: string;
  /** When it was written, in milliseconds of S3's own clock. */
  modified: number;
  /** What S3 says of it; its length is that of the whole object. */
  head: Head;
}

/**
 * An object, or a range of its bytes, in HTTP's notation.
 *
 * @throws PipelineError `s3.notFound`; `aws.cutOff` where it was cut off six times.
 */
export async function getObject(
  aws: Bucket,
  key: string,
  { range, signal }: { range?: string; signal?: AbortSignal | undefined } = {},
): Promise<StoredObject> {
  for (let attempt = 1; ; attempt++) {
    const {
      Body,
      ETag = '',
      LastModified,
      ContentRange,
      ...answer
    } = await askFor(aws, { Key: key, Range: range }, signal);
    const [, length = answer.ContentLength] = /\/(\d+)$/.exec(ContentRange ?? '') ?? [];
    const head = { ...answer, ETag, ContentLength: Number(length) };
    try {
      // In Node it is a stream of Node's.
      return { bytes: await readAll(Body as Readable), etag: ETag, modified: LastModified?.getTime() ?? 0, head };
    } catch (error) {
      signal?.throwIfAborted();
      if (attempt === readAttempts) throw cutOff(`s3://${aws.bucket}/${key}`, error);
      await sleep(Math.random() * 50 * 2 ** attempt, undefined, { signal });
    }
  }
}

async function askFor(
  { s3, bucket }: Bucket,
  { Key, Range }: { Key: string; Range: string | undefined },
  signal: AbortSignal | undefined,
): Promise<GetObjectCommandOutput> {
  try {
    return await s3.send(new GetObjectCommand({ Bucket: bucket, Key, Range }), { abortSignal: signal });
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === 'NoSuchKey')) throw cause;
    throw new PipelineError('s3.notFound', `s3://${bucket}/${Key} does not exist.`, { value: Key, cause });
  }
}

export interface PutOptions {
  /** The content type. */
  type: string;
  /** User-defined metadata of the object beside its MD5: at most 1.9 KB of ASCII. */
  metadata?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** Puts an object, with the MD5 of its bytes in its metadata. */
export async function putBytes(
  { s3, bucket }: Bucket,
  key: string,
  body: Uint8Array | string,
  { type, metadata, signal }: PutOptions,
): Promise<void> {
  const Metadata = { ...metadata, ...md5Entry(body) };
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: type, Metadata }), {
    abortSignal: signal,
  });
}

/**
 * Puts a JSON text if the object is as it was read, so that of several who write it at once one does.
 *
 * @param etag As `getObject` returns it; undefined for an object that must not be there yet.
 * @returns Whether it was put.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function putIfUnchanged(
  { s3, bucket }: Bucket,
  key: string,
  body: string,
  etag: string | undefined,
): Promise<boolean> {
  const condition = etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag };
  try {
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'application/json', ...condition }),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && conflicts.has(error.name)) return false;
    throw error;
  }
}

/** What S3 answers where an object is not as a condition says, no longer there, or being written by another. */
const conflicts = new Set(['PreconditionFailed', 'NoSuchKey', 'NotFound', 'ConditionalRequestConflict']);

/** An object that is written piece by piece. It does not exist in the bucket before it is ended. */
export interface ObjectWriter {
  write(some: string | Uint8Array): Promise<void>;
  end(): Promise<void>;
  /** Discards what was written. */
  abort(): Promise<void>;
}

/** Writes an object of any length, in one request or several parts, with some megabytes of it in memory. */
export function objectWriter({ s3, bucket }: Bucket, key: string, type: string): ObjectWriter {
  const body = new PassThrough();
  const upload = new Upload({
    client: sdkClient(s3, S3Client),
    params: { Bucket: bucket, Key: key, Body: body, ContentType: type },
    partSize: 8 << 20,
  });
  const done = upload.done();
  // A rejection surfaces when it is awaited, at the latest at the end; before, it must not be an unhandled one.
  done.catch(() => {});
  return {
    async write(some) {
      if (some.length > 0 && !body.write(some)) await Promise.race([once(body, 'drain'), done]);
    },
    async end() {
      body.end();
      await done;
    },
    async abort() {
      await upload.abort();
      body.destroy();
    },
  };
}

/**
 * Creates the bucket unless it exists.
 *
 * @throws PipelineError `s3.bucketTaken` where the name belongs to another account; `aws.unreachable`, `aws.notAws`,
 * `aws.otherRegion`.
 */
export async function ensureBucket({ s3, bucket }: Bucket): Promise<void> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket }));
  } catch (error) {
    // It may be there and closed to the credentials, or belong to someone else: then making it says so.
    if (error instanceof PipelineError && error.code !== 'aws.denied') throw error;
    const region = await s3.config.region();
    const constraint = region !== 'us-east-1' && {
      CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint },
    };
    try {
      await s3.send(new CreateBucketCommand({ Bucket: bucket, ...constraint }));
    } catch (cause) {
      const name = cause instanceof Error ? cause.name : '';
      if (name === 'BucketAlreadyOwnedByYou') return;
      if (cause instanceof PipelineError && cause.code !== 'aws.denied') throw cause;
      throw new PipelineError(
        's3.bucketTaken',
        `The bucket ${bucket} cannot be created: ${messageOf(cause)}. Choose a name of your own with ` +
          'ML_PIPELINE_BUCKET.',
        { value: bucket, cause },
      );
    }
  }
}
