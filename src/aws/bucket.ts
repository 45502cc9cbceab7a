import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { chunks, concurrently, merged, messageOf, PipelineError } from '../work/index.js';
import { type Aws, sdkClient } from './clients.js';

type Bucket = Pick<Aws, 's3' | 'bucket'>;

/** How many requests for images run at a time by default: enough to hide AWS's latency of tens of milliseconds. */
export const imageConcurrency = 64;

/** An object, as a listing has it. */
export interface Listed {
  key: string;
  /** Without quotes; for an object put in one part, the MD5 of its bytes in hex. */
  etag: string;
}

/**
 * The objects whose keys begin with `prefix`, in no particular order. A page has up to 1,000 objects; where there are
 * more, the keys that continue with different digits, as those of images do, are listed at the same time.
 */
export async function* list(aws: Bucket, prefix: string, signal?: AbortSignal): AsyncGenerator<Listed> {
  const first = await pages(aws, prefix, {}, signal).next();
  const { objects, last } = first.value ?? { objects: [], last: undefined };
  yield* objects;
  if (last === undefined) return;
  const bounds = [...'123456789'].map((digit) => `${prefix}${digit}`).filter((bound) => bound > last);
  const ranges = [last, ...bounds].map((after, i) => pages(aws, prefix, { after, until: bounds[i] }, signal));
  for await (const { objects } of merged(ranges)) yield* objects;
}

/** The keys greater than `after` and not greater than `until`, `size` a page. */
interface Range {
  after?: string;
  until?: string | undefined;
  size?: number;
}

/** Lists one page after the other; `last` is the last key of a page that others follow. */
async function* pages(
  { s3, bucket }: Bucket,
  prefix: string,
  { after, until, size }: Range,
  signal?: AbortSignal,
): AsyncGenerator<{ objects: Listed[]; last: string | undefined }, undefined> {
  const within = (key = '') => until === undefined || key <= until;
  let start: Partial<ListObjectsV2CommandInput> | undefined = { StartAfter: after };
  while (start) {
    const answer: ListObjectsV2CommandOutput = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: size, ...start }),
      { abortSignal: signal },
    );
    const keys = (answer.Contents ?? []).flatMap(({ Key, ETag }) =>
      Key === undefined ? [] : { key: Key, etag: unquoted(ETag) },
    );
    const last = keys.at(-1)?.key;
    start =
      answer.NextContinuationToken && within(last) ? { ContinuationToken: answer.NextContinuationToken } : undefined;
    yield { objects: keys.filter(({ key }) => within(key)), last: start && last };
  }
}

/** A page of a listing takes as long as about 30 requests for one object each, and costs as much as twelve. */
const minKeysPerPage = 30;

/**
 * The ETags of objects, by key. Objects that do not exist or cannot be read are left out. Where many of the keys are
 * close together their ETags are taken from pages of a listing; for the others a request each is sent.
 */
export async function readEtags(
  aws: Bucket,
  keys: Iterable<string>,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const etags = new Map<string, string>();
  const left: string[] = [];
  const sorted = chunks([...keys].sort(), 1000);
  await concurrently(sorted, async (chunk) => void left.push(...(await etagsFromPages(aws, chunk, etags, signal))), {
    concurrency: 8,
    signal,
  });
  await concurrently(
    left,
    async (Key) => {
      try {
        const { ETag } = await aws.s3.send(new HeadObjectCommand({ Bucket: aws.bucket, Key }), { abortSignal: signal });
        etags.set(Key, unquoted(ETag));
      } catch {
        signal?.throwIfAborted();
      }
    },
    { concurrency: imageConcurrency, signal },
  );
  return etags;
}

/** Adds the ETags of sorted keys for as long as pages have enough of them; returns the keys that are left. */
async function etagsFromPages(
  aws: Bucket,
  keys: readonly string[],
  etags: Map<string, string>,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const wanted = new Set(keys);
  let left = keys;
  while (left.length >= minKeysPerPage) {
    const [first = ''] = left;
    const prefix = first.slice(0, first.lastIndexOf('/') + 1);
    // A listing starts after a key: after the first one without its last character, so that the first is on the page.
    const page = await pages(
      aws,
      prefix,
      { after: first.slice(0, -1), size: Math.min(1000, 4 * left.length) },
      signal,
    ).next();
    const { objects, last } = page.value ?? { objects: [], last: undefined };
    const found = objects.filter(({ key }) => wanted.has(key));
    for (const { key, etag } of found) etags.set(key, etag);
    left = left.filter((key) => (last === undefined ? !key.startsWith(prefix) : key > last));
    if (found.length < minKeysPerPage) break;
  }
  return left;
}

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

/**
 * The bytes of an object.
 *
 * @throws PipelineError `s3.notFound`
 */
export async function getBytes({ s3, bucket }: Bucket, key: string, signal?: AbortSignal): Promise<Uint8Array> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === 'NoSuchKey')) throw cause;
    throw new PipelineError('s3.notFound', `s3://${bucket}/${key} does not exist.`, { value: key, cause });
  }
}

export interface PutOptions {
  /** The content type. */
  type: string;
  /** User-defined metadata of the object: at most 2 KB of ASCII. */
  metadata?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** Puts an object and returns its ETag, without quotes. */
export async function putBytes(
  { s3, bucket }: Bucket,
  key: string,
  body: Uint8Array | string,
  { type, metadata, signal }: PutOptions,
): Promise<string> {
  const { ETag } = await s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: type, Metadata: metadata }),
    { abortSignal: signal },
  );
  return unquoted(ETag);
}

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
 * @throws PipelineError `s3.bucketTaken` where the name belongs to another account; `aws.unreachable`, `aws.notAws`.
 */
export async function ensureBucket({ s3, bucket }: Bucket): Promise<void> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket }));
  } catch (error) {
    if (error instanceof PipelineError && ['aws.unreachable', 'aws.notAws'].includes(error.code)) throw error;
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
