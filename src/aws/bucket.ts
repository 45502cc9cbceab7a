import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteObjectsCommand,
  HeadBucketCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { messageOf, PipelineError } from '../work/index.js';
import { type Aws, sdkClient } from './clients.js';

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
 * Whether the bucket is there. It may be there and closed to the credentials, or belong to someone else: then it is not
 * there for them, and making it says so.
 */
export async function bucketExists({ s3, bucket }: Bucket): Promise<boolean> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket }));
    return true;
  } catch (error) {
    if (error instanceof PipelineError && error.code !== 'aws.denied') throw error;
    return false;
  }
}

/**
 * Creates the bucket unless it exists.
 *
 * @throws PipelineError `s3.bucketTaken` where the name belongs to another account; `aws.unreachable`, `aws.notAws`,
 * `aws.otherRegion`.
 */
export async function ensureBucket(aws: Bucket): Promise<void> {
  if (await bucketExists(aws)) return;
  const { s3, bucket } = aws;
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
