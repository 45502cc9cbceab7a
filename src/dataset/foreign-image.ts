import {
  type Aws,
  copyObject,
  getBytes,
  getObject,
  type Head,
  headOf,
  isMd5,
  knownMd5,
  md5,
  md5Of,
  md5Record,
  putBytes,
  recordedMd5,
  unquoted,
} from '../aws/index.js';
import { imageKey, imageKeys, type ProductId } from '../catalogue/index.js';
import { formatOf, formatsInWords, type ImageFormat, reasonOf, sniffedBytes } from '../image/index.js';
import { PipelineError } from '../work/index.js';
import type { Confirm } from './confirm.js';
import { type ImagePlace, imagePlaceOf, placeText } from './image-place.js';
import type { ImageRecord } from './part.js';
import { retraction } from './retract.js';
import { fetchImage } from './web-image.js';

type Place = Extract<ImagePlace, { key: string }>;

/**
 * A function that copies an image that others have put somewhere into a folder, unless the same is there. It gets the
 * extension and the content type of what its bytes are.
 *
 * @param existing The ETags of what is in the folder, by file.
 */
export function foreignCopier(
  aws: Aws,
  folder: string,
  existing: ReadonlyMap<string, string>,
  { confirm, signal }: { confirm?: Confirm | undefined; signal?: AbortSignal | undefined },
): (id: ProductId, place: ImagePlace) => Promise<{ image: ImageRecord; copied: boolean }> {
  const retract = retraction(aws, folder, { confirm, signal });

  /** Fetches an image of the web, unless what was fetched from the same address is there. */
  async function bringIn(id: ProductId, url: string): Promise<{ image: ImageRecord; copied: boolean }> {
    const origin = md5(url);
    const earlier = imageKeys(id).find((file) => existing.has(file));
    if (earlier !== undefined) {
      const head = await headOf(aws, `${folder}/${earlier}`, signal);
      const etag = head && head.Metadata?.origin === origin ? recordedMd5(head) : undefined;
      if (etag !== undefined) return { image: { id, file: earlier, etag, source: url }, copied: false };
    }
    const { bytes, format } = await fetchImage(url, signal);
    const file = imageKey(id, format.extension);
    await confirm?.();
    if (existing.has(file)) await retract();
    await putBytes(aws, `${folder}/${file}`, bytes, { type: format.type, metadata: { origin }, signal });
    return { image: { id, file, etag: md5(bytes), source: url }, copied: true };
  }

  return async (id, place) => {
    if ('url' in place) return bringIn(id, place.url);
    const { format, head } = await lookAt(aws, place, signal);
    const file = imageKey(id, format.extension);
    const key = `${folder}/${file}`;
    const image = (etag: string): ImageRecord => ({ id, file, etag, source: placeText(aws, place) });
    const before = existing.get(file);
    if (before !== undefined) {
      const now = unquoted(head.ETag);
      if (before === now && isMd5(now)) return { image: image(now), copied: false };
      const wanted = knownMd5(head) ?? (await md5Of({ ...aws, bucket: place.bucket }, place.key, signal));
      const there = await md5Of(aws, key, signal);
      if (there !== undefined && there === wanted) return { image: image(there), copied: false };
    }
    await confirm?.();
    if (before !== undefined) await retract();
    await copyAs(aws, key, place, { format, head }, signal);
    const made = knownMd5(head) ?? (await md5Of(aws, key, signal));
    if (made !== undefined) return { image: image(made), copied: true };
    throw new PipelineError('s3.notFound', `s3://${aws.bucket}/${key} is gone again. Run its query again.`, {
      value: key,
    });
  };
}

/** Copies an image of S3 as it was looked at. Its copy says of itself what it is, and its MD5. */
async function copyAs(
  aws: Aws,
  key: string,
  place: Place,
  { format, head }: ForeignImage,
  signal: AbortSignal | undefined,
): Promise<void> {
  const known = knownMd5(head);
  const metadata = known === undefined ? {} : md5Record(known, head.ContentLength ?? 0);
  await copyObject(aws, key, place, { ifMatch: head.ETag, replace: { type: format.type, metadata }, signal }).catch(
    (error: unknown) => {
      throw refused(place, error);
    },
  );
}

/**
 * The image of a product of a catalogue, wherever it is.
 *
 * @throws PipelineError `dataset.badImagePath`, `image.…`, `s3.notFound`
 */
export async function imageOfProduct(
  aws: Aws,
  product: { id: ProductId; imagePath?: string | undefined },
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const place = imagePlaceOf(aws, product);
  if ('url' in place) return (await fetchImage(place.url, signal)).bytes;
  return getBytes({ ...aws, bucket: place.bucket }, place.key, signal).catch((error: unknown) => {
    throw refused(place, error);
  });
}

/** An image that others have put into S3, as far as its headers and first bytes tell. */
interface ForeignImage {
  format: ImageFormat;
  head: Head;
}

/**
 * Looks at an image of S3 that was not put there by the kit: one request for its first bytes, since neither its name
 * nor its content type tells what it is.
 *
 * @throws PipelineError `image.unreadable` where it is in no format that is kept; `s3.notFound`; `image.denied`,
 * `image.otherRegion`, `image.noBucket` where its bucket is closed, elsewhere or not there.
 */
async function lookAt(aws: Aws, place: Place, signal: AbortSignal | undefined): Promise<ForeignImage> {
  const { bucket, key } = place;
  const range = `bytes=0-${sniffedBytes - 1}`;
  const { bytes, head } = await getObject({ ...aws, bucket }, key, { range, signal }).catch((error: unknown) => {
    throw refused(place, error);
  });
  const format = formatOf(bytes);
  if (format) return { format, head };
  throw new PipelineError(
    'image.unreadable',
    bytes.length === 0
      ? `s3://${bucket}/${key} is empty (0 bytes).`
      : `s3://${bucket}/${key} cannot be exported: ${reasonOf(bytes, new Error(`it is none of ${formatsInWords}`))}`,
    { value: key },
  );
}

/**
 * Why an image in another's bucket cannot be read, as a failure of the one image: others may be in buckets that are
 * open, and the catalogue's own is.
 */
function refused({ bucket, key }: Place, error: unknown): unknown {
  const name = error instanceof PipelineError ? error.code : error instanceof Error ? error.name : '';
  const [code, why] = reasons[name] ?? [];
  return code === undefined
    ? error
    : new PipelineError(code, `s3://${bucket}/${key} ${why}`, { value: bucket, cause: error });
}

const reasons: Record<string, [code: string, why: string]> = {
  'aws.denied': [
    'image.denied',
    'cannot be read with these credentials, or is not there. Allow s3:GetObject (and s3:ListBucket) on its bucket; ' +
      'for the functions: npx zx scripts/deploy.mjs --image-bucket.',
  ],
  'aws.otherRegion': [
    'image.otherRegion',
    'is in another region than the one the kit works in. Copy its bucket to a bucket of this region, and name it.',
  ],
  'aws.bucketMissing': ['image.noBucket', 'is in a bucket that does not exist. Look for a slip in its name.'],
  InvalidRange: ['image.unreadable', 'is empty (0 bytes).'],
  NoSuchKey: ['s3.notFound', 'does not exist.'],
  NotFound: ['s3.notFound', 'does not exist.'],
  PreconditionFailed: ['image.changing', 'is another one than a moment ago. Run it again.'],
};
