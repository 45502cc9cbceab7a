import { type Aws, copyObject, headOf, imageConcurrency, isMd5, md5Of, readEtags, unquoted } from '../aws/index.js';
import { byId, type Entry, type Failures } from '../catalogue/index.js';
import { concurrently, PipelineError, skip, type Tracker } from '../work/index.js';
import type { Confirm } from './confirm.js';
import { foreignCopier } from './foreign-image.js';
import { filesOf, imagePlaceOf, keptImage } from './image-place.js';
import type { ImageRecord, Part } from './part.js';
import { retraction } from './retract.js';
import { metadataColumns, toRow } from './row.js';

/** How a step goes through its items: who counts them and what failed, and when to stop. */
export interface Work {
  failures: Failures;
  tracker: Tracker;
  /** Called before an image is put: throws where the folder is no longer held. */
  confirm?: Confirm | undefined;
  signal?: AbortSignal | undefined;
}

/** Copies the images of some products to a folder; `existing` has the ETags of what may be there already, by file. */
export async function copyPart(
  aws: Aws,
  folder: string,
  products: readonly Entry[],
  existing: ReadonlyMap<string, string>,
  { failures, tracker, confirm, signal }: Work,
  {
    columns = metadataColumns,
    concurrency = imageConcurrency,
  }: { columns?: readonly string[] | undefined; concurrency?: number | undefined } = {},
): Promise<Part & { copied: number }> {
  const sorted = [...products].sort(byId);
  const again = sorted.flatMap((product) => {
    const [file = '', other] = filesOf(aws, product);
    // The key of an image that the kit has put is its file's name in any folder.
    return other === undefined && existing.has(file) ? file : [];
  });
  const copy = await imageCopier(aws, folder, again, existing, { confirm, signal });
  const copyForeign = foreignCopier(aws, folder, existing, { confirm, signal });
  const done = await concurrently(
    sorted,
    async (product) => {
      try {
        const { id } = product;
        const place = imagePlaceOf(aws, product);
        const kept = keptImage(aws, id, place);
        const { image, copied } = await (kept ? copy({ id, file: kept, source: kept }) : copyForeign(id, place));
        tracker.tick();
        return { row: toRow(product, `s3://${aws.bucket}/${folder}/${image.file}`, columns), image, copied };
      } catch (error) {
        failures.add(product.id, 'copy', error);
        tracker.tick(1, 1);
        return skip;
      }
    },
    { concurrency, signal },
  );
  return {
    rows: done.map(({ row }) => row),
    images: done.map(({ image }) => image),
    failures: failures.sorted,
    copied: done.filter(({ copied }) => copied).length,
  };
}

/** An image to copy: the product's id, its file below the folder, and the key that it is copied from. */
type Copy = Omit<ImageRecord, 'etag'>;

/**
 * A function that copies an image into a folder, unless the same is there: its ETag is that of its source or, where
 * ETags say nothing of the bytes, as in a bucket encrypted by KMS, its MD5 is.
 *
 * @param again The keys of sources whose copies may be there: those are asked for their ETags.
 * @param existing The ETags of what is in the folder, by file.
 */
export async function imageCopier(
  aws: Aws,
  folder: string,
  again: readonly string[],
  existing: ReadonlyMap<string, string>,
  { confirm, signal }: Pick<Work, 'confirm' | 'signal'>,
): Promise<(copy: Copy) => Promise<{ image: ImageRecord; copied: boolean }>> {
  const { bucket } = aws;
  const sources = await readEtags(aws, again, signal);
  const md5OfCopy = md5sOfCopies(aws, signal);
  const retract = retraction(aws, folder, { confirm, signal });
  return async ({ id, file, source }) => {
    const key = `${folder}/${file}`;
    const image = (etag: string): ImageRecord => ({ id, file, etag, source });
    const [before, now] = [existing.get(file), sources.get(source)];
    if (before !== undefined && now !== undefined) {
      if (before === now && isMd5(now)) return { image: image(now), copied: false };
      const [there, wanted] = await Promise.all([md5Of(aws, key, signal), md5Of(aws, source, signal)]);
      if (there !== undefined && there === wanted) return { image: image(there), copied: false };
    }
    await confirm?.();
    if (before !== undefined) await retract();
    try {
      const etag = await copyObject(aws, key, { bucket, key: source }, { signal });
      const made = await md5OfCopy(source, key, etag);
      if (made === undefined)
        throw new PipelineError('s3.notFound', `s3://${bucket}/${key} is gone again. Run its query again.`, {
          value: key,
        });
      return { image: image(made), copied: true };
    } catch (cause) {
      if (!(cause instanceof Error && ['NoSuchKey', 'NotFound'].includes(cause.name))) throw cause;
      throw new PipelineError('s3.notFound', `s3://${bucket}/${source} does not exist.`, { value: source, cause });
    }
  };
}

/**
 * Finds the MD5s of copies as they are made. Whether their ETags are MD5s is up to the bucket's encryption, so the
 * first one tells of all: it is its source's then. Else S3 is asked for the metadata of each.
 */
function md5sOfCopies(
  aws: Aws,
  signal: AbortSignal | undefined,
): (source: string, key: string, etag: string) => Promise<string | undefined> {
  let areMd5s: Promise<boolean> | undefined;
  return async (source, key, etag) => {
    areMd5s ??= headOf(aws, source, signal).then(
      (head) => unquoted(head?.ETag) === etag,
      () => false,
    );
    return (await areMd5s) && isMd5(etag) ? etag : md5Of(aws, key, signal);
  };
}
