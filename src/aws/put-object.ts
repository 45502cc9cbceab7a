import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Bucket } from './bucket.js';
import type { Headers } from './failed.js';
import { md5Entry } from './md5.js';
import { sendPlainly } from './road.js';

export interface PutOptions {
  /** The content type. */
  type: string;
  /** User-defined metadata of the object beside its MD5: at most 1.9 KB of ASCII. */
  metadata?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** Puts an object, with the MD5 of its bytes in its metadata. */
export async function putBytes(
  aws: Bucket,
  key: string,
  body: Uint8Array | string,
  { type, metadata, signal }: PutOptions,
): Promise<void> {
  await put(aws, { Key: key, Body: body, ContentType: type, Metadata: { ...metadata, ...md5Entry(body) } }, signal);
}

/**
 * Puts a JSON text if the object is as it was read, so that of several who write it at once one does.
 *
 * @param etag As `getObject` returns it; undefined for an object that must not be there yet.
 * @returns Whether it was put.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function putIfUnchanged(
  aws: Bucket,
  key: string,
  body: string,
  etag: string | undefined,
): Promise<boolean> {
  const condition = etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag };
  try {
    await put(aws, { Key: key, Body: body, ContentType: 'application/json', ...condition });
    return true;
  } catch (error) {
    if (error instanceof Error && conflicts.has(error.name)) return false;
    throw error;
  }
}

/** What S3 answers where an object is not as a condition says, no longer there, or being written by another. */
const conflicts = new Set(['PreconditionFailed', 'NoSuchKey', 'NotFound', 'ConditionalRequestConflict']);

interface Put {
  Key: string;
  Body: Uint8Array | string;
  ContentType: string;
  Metadata?: Record<string, string>;
  IfMatch?: string;
  IfNoneMatch?: string;
}

async function put({ s3, bucket }: Bucket, object: Put, signal?: AbortSignal): Promise<void> {
  const { Key, Body, ContentType, Metadata, IfMatch, IfNoneMatch } = object;
  const { answer, input } = await sendPlainly(s3, {
    input: { Bucket: bucket, ...object },
    place: bucket,
    method: 'PUT',
    key: Key,
    query: { 'x-id': 'PutObject' },
    headers: {
      'content-type': ContentType,
      'if-match': IfMatch,
      'if-none-match': IfNoneMatch,
      ...metadataHeaders(Metadata),
    },
    body: typeof Body === 'string' ? Buffer.from(Body) : Body,
    signal,
    isRight: ({ headers }) => headers.etag !== undefined,
  });
  if (!answer) await s3.send(new PutObjectCommand(input), { abortSignal: signal });
}

/** What the names of the headers begin with that have an object's metadata. */
export const metadataPrefix = 'x-amz-meta-';

export const metadataHeaders = (metadata: Record<string, string> = {}): Headers =>
  Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`${metadataPrefix}${name}`, value]));
