import { hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, type GetObjectCommandInput, type GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { PipelineError } from '../work/index.js';
import { CutOffAnswer, cutOff, readAll } from './answers.js';
import type { Bucket } from './bucket.js';
import type { Headers } from './failed.js';
import type { WholeAnswer } from './http.js';
import { type Head, knownMd5, md5 } from './md5.js';
import { metadataPrefix } from './put-object.js';
import { crc, sendPlainly } from './road.js';

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
  { s3, bucket }: Bucket,
  key: string,
  { range, signal }: { range?: string; signal?: AbortSignal | undefined } = {},
): Promise<StoredObject> {
  const asked = { Bucket: bucket, Key: key, Range: range };
  const { answer, input } = await sendPlainly(s3, {
    input: asked,
    place: bucket,
    method: 'GET',
    key,
    query: { 'x-id': 'GetObject' },
    headers: { range },
    signal,
    isRight: (answer) => answer.headers.etag !== undefined && isWhole(answer, range !== undefined),
  });
  if (answer) return stored(answer);
  /** Bytes that are not those of the ETag. */
  let doubtful: Buffer | undefined;
  for (let attempt = input === asked ? 1 : 2; ; attempt++) {
    const { Body, ETag = '', LastModified, ContentRange, ...others } = await askFor(s3, input, signal);
    const head = { ...others, ETag, ContentLength: lengthOf(ContentRange) ?? others.ContentLength };
    try {
      // In Node it is a stream of Node's.
      const bytes = await readAll(Body as Readable);
      const known = range === undefined ? knownMd5(head) : undefined;
      // What comes twice is the object: there are servers whose ETags only look like MD5s.
      if (known === undefined || known === md5(bytes) || doubtful?.equals(bytes))
        return { bytes, etag: ETag, modified: LastModified?.getTime() ?? 0, head };
      doubtful = bytes;
      throw new CutOffAnswer(`the MD5 of ${bytes.length} bytes is not ${known}`);
    } catch (error) {
      signal?.throwIfAborted();
      if (attempt === readAttempts) throw cutOff(`s3://${bucket}/${key}`, error);
      await sleep(Math.random() * 50 * 2 ** attempt, undefined, { signal });
    }
  }
}

async function askFor(
  s3: Bucket['s3'],
  input: GetObjectCommandInput,
  signal: AbortSignal | undefined,
): Promise<GetObjectCommandOutput> {
  try {
    return await s3.send(new GetObjectCommand(input), { abortSignal: signal });
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === 'NoSuchKey')) throw cause;
    const { Bucket, Key } = input;
    throw new PipelineError('s3.notFound', `s3://${Bucket}/${Key} does not exist.`, { value: Key, cause });
  }
}

/** An object as the headers of an answer describe it. */
function stored({ headers, body }: WholeAnswer): StoredObject {
  const head = headOf(headers);
  return { bytes: body, etag: head.ETag, modified: Date.parse(headers['last-modified'] ?? '') || 0, head };
}

function headOf(headers: Headers): Head & { ETag: string } {
  const Metadata: Record<string, string> = {};
  for (const [name, value = ''] of Object.entries(headers))
    if (name.startsWith(metadataPrefix)) Metadata[name.slice(metadataPrefix.length)] = value;
  return {
    ETag: headers.etag ?? '',
    ContentLength: lengthOf(headers['content-range']) ?? Number(headers['content-length']),
    ServerSideEncryption: headers['x-amz-server-side-encryption'],
    Metadata,
  };
}

/** The length of the whole object, as the answer to a request for a range of it has it. */
const lengthOf = (range: string | undefined): number | undefined => {
  const [, length] = /\/(\d+)$/.exec(range ?? '') ?? [];
  return length === undefined ? undefined : Number(length);
};

/** The checksums of S3 that Node knows, by the ends of their headers' names. */
const sums = {
  crc32: crc,
  sha256: (bytes) => hash('sha256', bytes, 'base64'),
  sha1: (bytes) => hash('sha1', bytes, 'base64'),
} satisfies Record<string, (bytes: Uint8Array) => string>;

/**
 * Whether an answer has a whole object: by its checksum, else by its MD5 where S3 knows that. The SDK knows one more
 * checksum, so what has only that is left to it.
 *
 * @throws CutOffAnswer where the bytes are others.
 */
function isWhole({ headers, body }: WholeAnswer, isRange: boolean): boolean {
  if (isRange) return true;
  for (const [name, sum] of Object.entries(sums)) {
    const said = headers[`x-amz-checksum-${name}`];
    // That of an object of several parts is a checksum of checksums, with their number.
    if (said === undefined || said.includes('-')) continue;
    if (said !== sum(body)) throw new CutOffAnswer(`the ${name} of ${body.length} bytes is not ${said}`);
    return true;
  }
  const known = knownMd5(headOf(headers));
  if (known !== undefined && known !== md5(body))
    throw new CutOffAnswer(`the MD5 of ${body.length} bytes is not ${known}`);
  return known !== undefined || headers['x-amz-checksum-crc32c'] === undefined;
}
