import {
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
} from '@aws-sdk/client-s3';
import { chunks, concurrently, merged } from '../work/index.js';
import { type Bucket, imageConcurrency, unquoted } from './bucket.js';

/** An object, as a listing has it. */
export interface Listed {
  key: string;
  /** Without quotes. The MD5 of the bytes in hex, unless the object is encrypted by KMS or was put in parts. */
  etag: string;
  /** How long it is. */
  bytes: number;
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

/** The keys directly below a prefix, and the prefixes of the folders there, with a slash at their ends. */
export async function listLevel(
  { s3, bucket }: Bucket,
  prefix: string,
  signal?: AbortSignal,
): Promise<{ keys: string[]; folders: string[] }> {
  const level = { keys: [] as string[], folders: [] as string[] };
  let ContinuationToken: string | undefined;
  do {
    const answer: ListObjectsV2CommandOutput = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, Delimiter: '/', ContinuationToken }),
      { abortSignal: signal },
    );
    level.keys.push(...(answer.Contents ?? []).flatMap(({ Key }) => Key ?? []));
    level.folders.push(...(answer.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix ?? []));
    ContinuationToken = answer.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return level;
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
    const keys = (answer.Contents ?? []).flatMap(({ Key, ETag, Size = 0 }) =>
      Key === undefined ? [] : { key: Key, etag: unquoted(ETag), bytes: Size },
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
      } catch (error) {
        if (!(error instanceof Error && error.name === 'NotFound')) throw error;
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
