import { CopyObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import type { Aws } from '../aws.js';
import { imageConcurrency, unquoted } from '../bucket.js';
import type { Product } from '../catalogue/index.js';
import { concurrently, skip } from '../concurrently.js';
import { PipelineError } from '../errors.js';
import { Failures } from '../failures.js';
import { type OnProgress, Tracker } from '../progress.js';
import { type Dataset, imageKeyOf } from './dataset.js';
import type { Manifest } from './manifest.js';
import { toRow } from './picture.js';
import { type MetadataFormat, checkFolder, completeDataset, existingImages } from './write.js';

export interface ExportOptions {
  /** Where the products come from, for the manifest. */
  query: NonNullable<Manifest['query']>;
  formats?: readonly MetadataFormat[] | undefined;
  /** Images copied at a time; default 64. */
  concurrency?: number | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
}

export interface Exported {
  dataset: Dataset;
  images: { copied: number; unchanged: number; removed: number };
}

type ImageRecord = Manifest['images'][number];

/**
 * Exports products to a folder of the bucket: their images, copied server-side, and their metadata in the order of the
 * ids. What is there already with the same ETag is not copied again; what no longer belongs is removed. An image that
 * cannot be copied is a failure in the manifest, and its product is left out.
 *
 * @throws PipelineError `dataset.badFolder`, `run.tooManyFailures`.
 */
export async function exportDataset(aws: Aws, folder: string, products: readonly Product[], options: ExportOptions): Promise<Exported> {
  const { query, formats, concurrency = imageConcurrency, signal, onProgress } = options;
  checkFolder(folder);
  const existing = await existingImages(aws, folder, signal);
  const failures = new Failures(products.length);
  const tracker = new Tracker('copy', 'images', products.length, onProgress);
  const images = { copied: 0, unchanged: 0, removed: 0 };
  const sorted = [...products].sort((a, b) => a.id - b.id);
  const done = await concurrently(
    sorted,
    async (product) => {
      try {
        const { record, copied } = await copyImage(aws, folder, product, existing, signal);
        images[copied ? 'copied' : 'unchanged']++;
        tracker.tick();
        return { row: toRow(product, `s3://${aws.bucket}/${folder}/${record.file}`), record };
      } catch (error) {
        failures.add(product.id, 'copy', error);
        tracker.tick(1, 1);
        return skip;
      }
    },
    { concurrency, signal },
  );
  const { dataset, removed } = await completeDataset(
    aws,
    folder,
    done.map(({ row }) => row),
    { kind: 'export', query, failures: failures.sorted, images: done.map(({ record }) => record) },
    existing,
    formats,
  );
  tracker.end();
  return { dataset, images: { ...images, removed } };
}

/** Copies one image into the folder, unless the same is there. */
async function copyImage(
  aws: Aws,
  folder: string,
  product: Product,
  existing: ReadonlyMap<string, string>,
  signal: AbortSignal | undefined,
): Promise<{ record: ImageRecord; copied: boolean }> {
  const { s3, bucket } = aws;
  const source = imageKeyOf(aws, product);
  const file = `images/${product.id}.jpg`;
  const record = (etag: string | undefined): ImageRecord => ({ id: product.id, file, etag: unquoted(etag), source });
  try {
    const there = existing.get(file);
    if (there !== undefined) {
      const { ETag } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: source }), { abortSignal: signal });
      if (unquoted(ETag) === there) return { record: record(ETag), copied: false };
    }
    const CopySource = `${bucket}/${source}`.split('/').map(encodeURIComponent).join('/');
    const { CopyObjectResult } = await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: `${folder}/${file}`, CopySource }), { abortSignal: signal });
    return { record: record(CopyObjectResult?.ETag), copied: true };
  } catch (cause) {
    if (!(cause instanceof Error && ['NoSuchKey', 'NotFound'].includes(cause.name))) throw cause;
    throw new PipelineError('s3.notFound', `s3://${bucket}/${source} does not exist.`, { value: source, cause });
  }
}
