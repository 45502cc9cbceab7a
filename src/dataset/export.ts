import { pMapIterable } from 'p-map';
import { type Aws, imageConcurrency } from '../aws/index.js';
import { columnNames, type Entry, Failures, imageKey, type Schema, stemOf } from '../catalogue/index.js';
import { type OnProgress, shared, Tracker } from '../work/index.js';
import { noteBegun } from './begun.js';
import { claimFolder } from './claim.js';
import { copyPart } from './copy.js';
import { Dataset } from './dataset.js';
import { checkFolder } from './folder.js';
import { checkFormats, type MetadataFormat } from './formats/index.js';
import { type Held, holdFolder } from './hold.js';
import { filesOf } from './image-place.js';
import type { Manifest } from './manifest.js';
import type { ImageRecord, Part } from './part.js';
import { ProductFile } from './product-file.js';
import { metadataColumns, type Row } from './row.js';
import { type Completed, completeDataset } from './write.js';

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
  /** How many products there were. */
  products: number;
  images: { copied: number; unchanged: number; removed: number };
}

/**
 * Exports products to a folder of the bucket: their images, copied server-side, and their metadata in the order of the
 * ids. What is there already with the same bytes is not copied again; what no longer belongs is removed. An image that
 * cannot be copied is a failure in the manifest, and its product is left out.
 *
 * @throws PipelineError `dataset.badFolder`, `dataset.foreignFiles`, `dataset.unknownFormat`, `run.tooManyFailures`,
 * `run.folderTaken`, `job.folderTaken`.
 */
export async function exportDataset(
  aws: Aws,
  folder: string,
  products: Iterable<Entry> | AsyncIterable<Entry>,
  options: ExportOptions,
): Promise<Exported> {
  const rows: Row[] = [];
  const records: ImageRecord[] = [];
  const { manifest, ...exported } = await exportStream(aws, folder, products, {
    ...options,
    onPart(part) {
      for (const row of part.rows) rows.push(row);
      for (const image of part.images) records.push(image);
    },
  });
  return { ...exported, dataset: new Dataset(aws, folder, rows, { ...manifest, images: records }) };
}

interface StreamOptions extends ExportOptions {
  /** Receives the rows and images, a group at a time. */
  onPart?: (part: Part) => void;
}

type Streamed = Omit<Exported, 'dataset'> & Pick<Completed, 'manifest'>;

/** Images in a group. Two groups are copied side by side: one goes on while the last images of the other end. */
const groupSize = 500;

/**
 * The same for a result of any size: the rows go to the bucket as the images are copied, a few thousand at a time, and
 * are not kept.
 */
export async function exportStream(
  aws: Aws,
  folder: string,
  products: Iterable<Entry> | AsyncIterable<Entry>,
  options: StreamOptions,
): Promise<Streamed> {
  checkFolder(folder);
  checkFormats(options.formats ?? []);
  const found = await ProductFile.of(products);
  try {
    return await holdFolder(aws, folder, options.signal, (held) => exportHeld(aws, folder, found, options, held));
  } finally {
    found.close();
  }
}

async function exportHeld(
  aws: Aws,
  folder: string,
  found: ProductFile,
  { query, schema, formats, concurrency = imageConcurrency, onProgress, onPart = () => {} }: StreamOptions,
  { signal, confirm }: Held,
): Promise<Streamed> {
  const columns = schema && columnNames(schema);
  const stop = new AbortController();
  const ended = shared(signal ? AbortSignal.any([signal, stop.signal]) : stop.signal);
  try {
    const existing = await claimFolder(aws, folder, signal);
    await noteBegun(aws, folder, notThere(aws, existing, found), { signal });
    const tracker = new Tracker('copy', 'images', found.count, onProgress);
    const failures = new Failures(found.count);
    const side = found.count > groupSize ? 2 : 1;
    let copied = 0;
    async function* parts(): AsyncGenerator<Part> {
      const groups = pMapIterable(
        found.groups(groupSize),
        (some) =>
          copyPart(
            aws,
            folder,
            some,
            existing,
            { failures, tracker, confirm, signal: ended },
            {
              columns,
              concurrency: Math.ceil(concurrency / side),
            },
          ),
        { concurrency: side, backpressure: side },
      );
      for await (const group of groups) {
        copied += group.copied;
        const part = { rows: group.rows, images: group.images, failures: [] };
        onPart(part);
        yield part;
      }
      yield { rows: [], images: [], failures: failures.sorted };
    }
    const { manifest, removed } = await completeDataset(aws, folder, parts(), exportLineage(query, columns), {
      schema,
      formats,
      confirm,
      signal,
    });
    tracker.end();
    return {
      manifest,
      products: found.count,
      images: { copied, unchanged: manifest.count - copied, removed },
    };
  } finally {
    // Where one group has failed, the other one does not go on.
    stop.abort();
  }
}

/** The images of products that are not in a folder yet, or may become another file there, without their extensions. */
function* notThere(aws: Aws, existing: ReadonlyMap<string, string>, found: ProductFile): Generator<string> {
  if (existing.size === 0) for (const id of found.ids) yield stemOf(imageKey(id));
  else
    for (const products of found.groups(groupSize))
      for (const product of products) {
        const [file = '', other] = filesOf(aws, product);
        if (other !== undefined || !existing.has(file)) yield stemOf(imageKey(product.id));
      }
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
