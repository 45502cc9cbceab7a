import { type Aws, getObject, headOf, list } from '../../aws/index.js';
import { count, PipelineError } from '../../work/index.js';
import { type ImageFiles, largestImage } from './images.js';
import type { Bytes } from './table.js';

/** Whether a place is in S3: `s3://bucket/key`. */
export const isS3 = (place: string): boolean => /^s3:\/\//i.test(place);

/** What is read of a file at a time, in bytes; the next part is on its way meanwhile. */
const partBytes = 8 << 20;

/**
 * A file in S3, read in ranges.
 *
 * @throws PipelineError `source.badAddress`, `source.noFile`; `aws.denied`, `aws.otherRegion`; while it is read
 * `source.changed` where somebody else writes it.
 */
export async function s3File(aws: Aws, address: string): Promise<Bytes> {
  const { bucket, key } = parseAddress(address);
  const place = { s3: aws.s3, bucket };
  const head = key === '' ? undefined : await headOf(place, key);
  if (!head)
    throw new PipelineError(
      'source.noFile',
      `${address} does not exist at ${aws.endpoint}. See what is there: aws s3 ls ` +
        `s3://${bucket}/${key.slice(0, key.lastIndexOf('/') + 1)}`,
      { value: address },
    );
  const { ContentLength: byteLength = 0, ETag } = head;
  async function range(from: number, to: number): Promise<Uint8Array> {
    if (from >= to) return new Uint8Array(0);
    const { bytes, etag } = await getObject(place, key, { range: `bytes=${from}-${to - 1}` });
    if (etag !== ETag)
      throw new PipelineError('source.changed', `${address} was changed while it was read. Run it again.`, {
        value: address,
      });
    return bytes;
  }
  return {
    byteLength,
    async *stream() {
      const part = (from: number) => {
        const bytes = range(from, Math.min(from + partBytes, byteLength));
        // It surfaces when it is awaited.
        bytes.catch(() => {});
        return bytes;
      };
      let next = part(0);
      for (let from = 0; from < byteLength; from += partBytes) {
        const bytes = await next;
        next = part(from + partBytes);
        yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      }
    },
    async slice(from, to = byteLength) {
      return new Uint8Array(await range(from < 0 ? byteLength + from : from, to)).buffer;
    },
  };
}

/**
 * The images below a prefix in S3: `s3://bucket/photos/`.
 *
 * @throws PipelineError `source.badAddress`, `source.noFile` where there is nothing.
 */
export async function s3Images(aws: Aws, address: string): Promise<ImageFiles> {
  const { bucket, key } = parseAddress(address);
  const prefix = key === '' || key.endsWith('/') ? key : `${key}/`;
  const place = { s3: aws.s3, bucket };
  for await (const _ of list(place, prefix)) {
    return {
      async *list() {
        for await (const { key, bytes } of list(place, prefix)) {
          const name = key.slice(prefix.length);
          // Consoles make objects for folders.
          if (name === '' || name.endsWith('/')) continue;
          const fault =
            bytes > largestImage ? `has ${count(bytes)} bytes; an image has ${count(largestImage)} at most` : undefined;
          yield { name, fault };
        }
      },
      read: async (name) => (await getObject(place, `${prefix}${name}`)).bytes,
      within: (name) => {
        const inner = name.startsWith(`s3://${bucket}/${prefix}`)
          ? name.slice(`s3://${bucket}/${prefix}`.length)
          : name;
        return [inner, ...(prefix !== '' && inner.startsWith(prefix) ? [inner.slice(prefix.length)] : [])];
      },
    };
  }
  throw new PipelineError('source.noFile', `${address} has no image: there is no object below it at ${aws.endpoint}.`, {
    value: address,
  });
}

function parseAddress(address: string): { bucket: string; key: string } {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/?(.*)$/is.exec(address) ?? [];
  if (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) return { bucket, key };
  throw new PipelineError(
    'source.badAddress',
    `'${address}' is no place in S3. It should look like s3://bucket/folder/rows.csv.`,
    { value: address },
  );
}
