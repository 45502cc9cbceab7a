import path from 'node:path';
import { type Aws, imageConcurrency } from '../aws/index.js';
import type { Failure } from '../catalogue/index.js';
import { concurrently, PipelineError, type StepOptions, Tracker } from '../work/index.js';
import { noteBegun } from './begun.js';
import { claimFolder } from './claim.js';
import { imageCopier } from './copy.js';
import { Dataset } from './dataset.js';
import type { MetadataFormat } from './formats/index.js';
import { holdFolder } from './hold.js';
import type { Lineage, Manifest } from './manifest.js';
import { digester, type ImageRecord } from './part.js';
import type { Row } from './row.js';
import { typesOf } from './row-condition.js';
import { imageKeyOf } from './row-image.js';
import { completeDataset } from './write.js';

/** A data set as it is to be in a folder, copied from rows and images that are elsewhere. */
export interface CopyOf {
  folder: string;
  /** Its rows, with their images where they are to be. */
  rows: readonly Row[];
  images: readonly ImageRecord[];
  /** The key that each image is copied from; undefined where the images are its parent's. */
  keys: readonly string[] | undefined;
  embeddings?: Uint8Array | undefined;
  failures: readonly Failure[];
  /** What `completeDataset` will say of its rows and images. */
  digest: string;
}

/**
 * Rows and images of a data set as they are to be in another folder.
 *
 * @param place What is to change of each row, the folder that its image is below, and what the image was made from.
 * @throws PipelineError `dataset.doubleRow` where a row is there twice; `dataset.badColumn` where JSON cannot keep a
 * value.
 */
export function copyOf(
  aws: Aws,
  { rows, manifest }: Dataset,
  folder: string,
  place: (row: Row, image: ImageRecord, key: string) => { row?: Row; below?: string; source: string },
  others: Pick<CopyOf, 'embeddings' | 'failures'> = { failures: [] },
): CopyOf {
  const keys: string[] = [];
  const own = manifest.kind !== 'predictions';
  const placed = rows.flatMap((original, i) => {
    const record = manifest.images[i];
    if (!record) return [];
    const key = imageKeyOf(aws, original);
    const { row = original, below = folder, source } = place(original, record, key);
    checkRow(row);
    keys.push(key);
    const file = `images/${key.slice(key.lastIndexOf('/') + 1)}`;
    const image = {
      id: row.id,
      file: below === folder ? file : `${path.posix.relative(folder, below)}/${file}`,
      etag: record.etag,
      source,
    };
    return [{ row: { ...row, imagePath: `s3://${aws.bucket}/${below}/${file}` }, image }];
  });
  const seen = new Set<string>();
  for (const { row } of placed) {
    if (seen.has(row.imagePath))
      throw new PipelineError(
        'dataset.doubleRow',
        `The row of product ${row.id} is in the view twice, and a folder has each image once. Select it once.`,
        { value: row.id },
      );
    seen.add(row.imagePath);
  }
  const part = { rows: placed.map(({ row }) => row), images: placed.map(({ image }) => image) };
  const digest = digester();
  digest.add(part);
  return {
    folder,
    ...part,
    keys: own || part.images.every(({ file }) => !file.startsWith('..')) ? keys : undefined,
    ...others,
    digest: digest.hex(),
  };
}

/** @throws PipelineError `dataset.badColumn` where a value would not be the same when it is read again. */
function checkRow(row: Row): void {
  for (const [name, value] of Object.entries(row)) {
    const plain =
      typeof value === 'object'
        ? value === null || !('toJSON' in value)
        : Number.isFinite(value) || ['string', 'boolean'].includes(typeof value);
    if (plain) continue;
    throw new PipelineError(
      'dataset.badColumn',
      `The column '${name}' has ${typeof value === 'object' ? 'a Date or the like' : String(value)} for product ` +
        `${row.id}, which metadata.json cannot keep. Make it a text, a number, true or false, or null.`,
      { value: name },
    );
  }
}

export interface WriteCopyOptions extends StepOptions {
  /** Whether another data set that lies in the folder may be replaced; the same one always may. */
  mayReplace(earlier: Manifest): boolean;
  /** Formats in which the metadata is written beside metadata.json; default: none. */
  formats?: readonly MetadataFormat[] | undefined;
  /** What is to be done before the data set is complete, while its folder is held. */
  before?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/**
 * Copies a data set to its folder, server-side. What is there already with the same bytes is not copied again. The
 * folder is complete with its metadata.json, which is written last.
 *
 * @throws PipelineError `dataset.folderTaken`, `dataset.foreignFiles`, `run.folderTaken`, `job.folderTaken`;
 * `dataset.changed` where an image is not the one that the original's manifest lists.
 */
export function writeCopy(
  aws: Aws,
  { folder, rows, images, keys, embeddings, failures, digest }: CopyOf,
  lineage: Lineage,
  { mayReplace, formats, before, signal, onProgress }: WriteCopyOptions,
): Promise<Dataset> {
  return holdFolder(aws, folder, signal, async ({ signal, confirm }) => {
    const same = (earlier: Manifest) => earlier.digest === digest || mayReplace(earlier);
    const existing = await claimFolder(aws, folder, signal, same);
    if (keys) {
      const fresh = images.flatMap(({ file }) => (existing.has(file) ? [] : file));
      await noteBegun(aws, folder, fresh, { signal });
      const again = keys.filter((_, i) => existing.has(images[i]?.file ?? ''));
      const copy = await imageCopier(aws, folder, again, existing, { confirm, signal });
      const tracker = new Tracker('copy', 'images', images.length, onProgress);
      await concurrently(
        images,
        async ({ id, file, source, etag }, i) => {
          const key = keys[i] ?? '';
          const { image } = await copy({ id, file, source: key });
          if (image.etag !== etag)
            throw new PipelineError(
              'dataset.changed',
              `s3://${aws.bucket}/${key} is not the image that its manifest lists: it was replaced since. Run its ` +
                'query again, and open it.',
              { value: source },
            );
          tracker.tick();
        },
        { concurrency: imageConcurrency, signal },
      );
      tracker.end();
    }
    await before?.(signal);
    const { id = 'number', imagePath: _, ...fields } = typesOf(rows);
    const schema = { id: id === 'string' ? id : ('number' as const), fields, indexes: [] };
    const part = { rows, images, embeddings, failures };
    const { manifest } = await completeDataset(aws, folder, [part], lineage, { schema, formats, confirm, signal });
    return new Dataset(aws, folder, rows, { ...manifest, images: [...images] });
  });
}
