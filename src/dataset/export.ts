import { CopyObjectCommand } from '@aws-sdk/client-s3';
import { type Aws, imageConcurrency, readEtags, unquoted } from '../aws/index.js';
import { byId, columnNames, type Entry, Failures, imageKey, type Schema } from '../catalogue/index.js';
import { concurrently, type OnProgress, PipelineError, skip, Tracker } from '../work/index.js';
import { noteBegun } from './begun.js';
import { claimFolder } from './claim.js';
import { Dataset, imageKeyOf, keyInBucket } from './dataset.js';
import { checkFolder } from './folder.js';
import { checkFormats, type MetadataFormat } from './formats/index.js';
import type { Manifest } from './manifest.js';
import type { ImageRecord, Part } from './part.js';
import { metadataColumns, toRow } from './row.js';
import { completeDataset } from './write.js';

export interface ExportOptions {
  /** Where the products come from, for the manifest. */
  query: NonNullable<Manifest['query']>;
  /** What the products are; default: the fashion catalogue's. */
  schema?: Schema | undefined;
  /** Formats in which the metadata is written beside metadata.json; default: none. */
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

/** How a step goes through its items: who counts them and what failed, and when to stop. */
export interface Work {
  failures: Failures;
  tracker: Tracker;
  signal?: AbortSignal | undefined;
}

/**
 * Exports products to a folder of the bucket: their images, copied server-side, and their metadata in the order of the
 * ids. What is there already with the same ETag is not copied again; what no longer belongs is removed. An image that
 * cannot be copied is a failure in the manifest, and its product is left out.
 *
 * @throws PipelineError `dataset.badFolder`, `dataset.foreignFiles`, `dataset.unknownFormat`, `run.tooManyFailures`.
 */
export async function exportDataset(
  aws: Aws,
  folder: string,
  products: readonly Entry[],
  options: ExportOptions,
): Promise<Exported> {
  const { query, schema, formats = [], concurrency, signal, onProgress } = options;
  const columns = schema && columnNames(schema);
  checkFolder(folder);
  checkFormats(formats);
  const existing = await claimFolder(aws, folder, signal);
  const fresh = products.map(({ id }) => imageKey(id)).filter((file) => !existing.has(file));
  await noteBegun(aws, folder, fresh, signal);
  const tracker = new Tracker('copy', 'images', products.length, onProgress);
  const { copied, ...part } = await copyPart(
    aws,
    folder,
    products,
    existing,
    { failures: new Failures(products.length), tracker, signal },
    { columns, concurrency },
  );
  const { manifest, removed } = await completeDataset(aws, folder, [part], exportLineage(query, columns), {
    schema,
    formats,
    signal,
  });
  tracker.end();
  const dataset = new Dataset(aws, folder, part.rows, { ...manifest, images: [...part.images] });
  return { dataset, images: { copied, unchanged: part.rows.length - copied, removed } };
}

/** Where an export comes from, for its manifest. */
export const exportLineage = (
  query: ExportOptions['query'],
  columns: readonly string[] = metadataColumns,
): Pick<Manifest, 'kind' | 'query' | 'columns'> => ({
  kind: 'export',
  query,
  columns: columns.join() === metadataColumns.join() ? undefined : [...columns],
});

/** Copies the images of some products to a folder; `existing` has the ETags of what may be there already, by file. */
export async function copyPart(
  aws: Aws,
  folder: string,
  products: readonly Entry[],
  existing: ReadonlyMap<string, string>,
  { failures, tracker, signal }: Work,
  {
    columns = metadataColumns,
    concurrency = imageConcurrency,
  }: { columns?: readonly string[] | undefined; concurrency?: number | undefined } = {},
): Promise<Part & { copied: number }> {
  const sorted = [...products].sort(byId);
  const again = sorted
    .filter(({ id }) => existing.has(imageKey(id)))
    .flatMap(({ imagePath }) => keyInBucket(aws, imagePath) ?? []);
  const sources = await readEtags(aws, again, signal);
  const done = await concurrently(
    sorted,
    async (product) => {
      try {
        const { image, copied } = await copyImage(aws, folder, product, { existing, sources }, signal);
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

/**
 * Copies one image into the folder, unless the same is there: by the ETags of what is in the folder, by file, and in
 * the catalogue, by key.
 */
async function copyImage(
  aws: Aws,
  folder: string,
  product: Entry,
  { existing, sources }: { existing: ReadonlyMap<string, string>; sources: ReadonlyMap<string, string> },
  signal: AbortSignal | undefined,
): Promise<{ image: ImageRecord; copied: boolean }> {
  const { s3, bucket } = aws;
  const source = imageKeyOf(aws, product);
  const file = imageKey(product.id);
  const image = (etag: string): ImageRecord => ({ id: product.id, file, etag, source });
  const etag = sources.get(source);
  if (etag !== undefined && etag === existing.get(file)) return { image: image(etag), copied: false };
  try {
    const CopySource = `${bucket}/${source}`.split('/').map(encodeURIComponent).join('/');
    const { CopyObjectResult } = await s3.send(
      new CopyObjectCommand({ Bucket: bucket, Key: `${folder}/${file}`, CopySource }),
      { abortSignal: signal },
    );
    return { image: image(unquoted(CopyObjectResult?.ETag)), copied: true };
  } catch (cause) {
    if (!(cause instanceof Error && ['NoSuchKey', 'NotFound'].includes(cause.name))) throw cause;
    throw new PipelineError('s3.notFound', `s3://${bucket}/${source} does not exist.`, { value: source, cause });
  }
}
