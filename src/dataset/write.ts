import { type Aws, list, objectWriter, remove } from '../aws/index.js';
import type { Failure } from '../catalogue/index.js';
import { version } from '../version.js';
import { chunked, PipelineError } from '../work/index.js';
import type { Lineage, Manifest } from './manifest.js';
import { digester, embeddingsName, type Part, slices } from './part.js';
import { metadataColumns } from './row.js';

/** Further forms of the metadata: `csv` as metadata.csv, `jsonl` as metadata.jsonl (JSON Lines). */
export type MetadataFormat = 'csv' | 'jsonl';

/** The ETags of a folder's images, by file name below the folder (`images/15970.jpg`). */
export async function existingImages(aws: Aws, folder: string, signal?: AbortSignal): Promise<Map<string, string>> {
  const etags = new Map<string, string>();
  for await (const { key, etag } of list(aws, `${folder}/images/`, signal))
    etags.set(key.slice(folder.length + 1), etag);
  return etags;
}

export interface CompleteOptions {
  formats?: readonly MetadataFormat[] | undefined;
  /**
   * The images that were there before the data set's own, as {@link existingImages} gives them; default: the folder is
   * listed again.
   */
  existing?: ReadonlyMap<string, string> | undefined;
  signal?: AbortSignal | undefined;
}

/** What a data set came to. */
export interface Completed {
  /** Its manifest but for the images. */
  manifest: Omit<Manifest, 'images'>;
  /** Of its rows and images, for what is derived from it. */
  digest: string;
  /** Images that no longer belonged. */
  removed: number;
}

/**
 * Completes a data set whose images are in their place: manifest, further forms of the metadata, embeddings,
 * `metadata.json` last, so that a folder which has it is complete. Then removes the images that no longer belong. Goes
 * through the parts once and holds one at a time.
 */
export async function completeDataset(
  aws: Aws,
  folder: string,
  parts: Iterable<Part> | AsyncIterable<Part>,
  lineage: Lineage,
  { formats = [], existing, signal }: CompleteOptions = {},
): Promise<Completed> {
  const head = { version: 1 as const, kit: version, ...lineage };
  const optional = [
    { file: csvFile(lineage.columns ?? metadataColumns), wanted: formats.includes('csv') },
    { file: jsonLinesFile, wanted: formats.includes('jsonl') },
    ...(lineage.kind === 'predictions' ? [{ file: embeddingsFile, wanted: true }] : []),
  ];
  const files = [manifestFile(head), ...optional.flatMap(({ file, wanted }) => (wanted ? [file] : [])), metadataFile];
  const open = files.map((file) => ({ ...file, ...objectWriter(aws, `${folder}/${file.name}`, file.type) }));
  const digest = digester();
  const names = new Set<string>();
  const failures: Failure[] = [];
  let count = 0;
  let dimensions: number | undefined;
  try {
    for (const { write, first } of open) await write(first);
    for await (const part of sliced(parts)) {
      signal?.throwIfAborted();
      for (const { write, bytesOf } of open) await write(await bytesOf(part, count === 0));
      digest.add(part);
      for (const { file } of part.images) names.add(file);
      failures.push(...part.failures);
      count += part.rows.length;
      if (part.embeddings && part.rows.length > 0) dimensions = part.embeddings.length / 2 / part.rows.length;
    }
    // One after the other: whoever finds the metadata finds the rest.
    for (const { name, write, end, last, abort } of open) {
      if (name === embeddingsName && dimensions === undefined) await abort();
      else {
        await write(last({ failures, count, dimensions }));
        await end();
      }
    }
  } catch (error) {
    await Promise.allSettled(open.map(({ abort }) => abort()));
    throw error;
  }
  const outdated = optional.filter(
    ({ file, wanted }) => !wanted || (file === embeddingsFile && dimensions === undefined),
  );
  const [removed] = await Promise.all([
    removeOthers(aws, folder, existing?.keys() ?? imageFiles(aws, folder, signal), names, signal),
    remove(
      aws,
      outdated.map(({ file }) => `${folder}/${file.name}`),
      signal,
    ),
  ]);
  return { manifest: { ...head, failures, count, dimensions }, digest: digest.hex(), removed };
}

async function* sliced(parts: Iterable<Part> | AsyncIterable<Part>): AsyncGenerator<Part> {
  for await (const part of parts) yield* slices(part);
}

/** A file of a data set, as it is written part by part. */
interface File {
  name: string;
  type: string;
  first: string;
  /** Of a part; `opening` where no row came before it. */
  bytesOf(part: Part, opening: boolean): string | Uint8Array | Promise<string>;
  last(totals: { failures: readonly Failure[]; count: number; dimensions: number | undefined }): string;
}

/** Elements of a JSON array, one a line: small, and readable in a diff. */
const elements = (items: readonly unknown[], opening: boolean): string =>
  items.map((item, i) => `${opening && i === 0 ? '' : ','}\n${JSON.stringify(item)}`).join('');

const closing = (count: number): string => (count === 0 ? ']' : '\n]');

const metadataFile: File = {
  name: 'metadata.json',
  type: 'application/json',
  first: '[',
  bytesOf: ({ rows }, opening) => elements(rows, opening),
  last: ({ count }) => `${closing(count)}\n`,
};

/** Indented, but its images a line each. */
const manifestFile = (head: Omit<Completed['manifest'], 'failures' | 'count'>): File => ({
  name: 'manifest.json',
  type: 'application/json',
  first: `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "images": [`,
  bytesOf: ({ images }, opening) => elements(images, opening),
  last: ({ failures, count, dimensions }) =>
    `${closing(count)},\n${JSON.stringify({ failures, count, dimensions }, null, 2).slice(2)}\n`,
});

const jsonLinesFile: File = {
  name: 'metadata.jsonl',
  type: 'application/x-ndjson',
  first: '',
  bytesOf: ({ rows }) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
  last: () => '',
};

/** arquero quotes what needs quotes. */
const csvFile = (columns: readonly string[]): File => ({
  name: 'metadata.csv',
  type: 'text/csv',
  first: `${columns.join(',')}\n`,
  async bytesOf({ rows }) {
    if (rows.length === 0) return '';
    const { table } = await import('arquero');
    return table(Object.fromEntries(columns.map((name) => [name, rows.map((row) => row[name] ?? null)]))).toCSV({
      header: false,
    });
  },
  last: () => '',
});

const embeddingsFile: File = {
  name: embeddingsName,
  type: 'application/octet-stream',
  first: '',
  bytesOf: ({ embeddings }) => embeddings ?? '',
  last: () => '',
};

async function* imageFiles(aws: Aws, folder: string, signal: AbortSignal | undefined): AsyncGenerator<string> {
  for await (const { key } of list(aws, `${folder}/images/`, signal)) yield key.slice(folder.length + 1);
}

/** Of the images that are or were there, removes those that are no files of the data set. */
async function removeOthers(
  aws: Aws,
  folder: string,
  there: Iterable<string> | AsyncIterable<string>,
  files: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<number> {
  let removed = 0;
  for await (const page of chunked(there, 1000)) {
    const others = page.filter((file) => !files.has(file));
    await remove(
      aws,
      others.map((file) => `${folder}/${file}`),
      signal,
    );
    removed += others.length;
  }
  return removed;
}

/**
 * Checks the name of an export's folder.
 *
 * @throws PipelineError `dataset.badFolder` where it is no plain path, or the kit's own.
 */
export function checkFolder(folder: string): void {
  const own = ['images', 'catalogue', 'jobs', 'deploy', 'models'].includes(folder.split('/')[0] ?? '');
  if (!own && /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(folder) && folder.length <= 200) return;
  throw new PipelineError(
    'dataset.badFolder',
    `'${folder}' cannot be an export's folder: ` +
      `${own ? 'the kit keeps its own files there' : 'it takes letters, digits, -, _ and ., with / between'}. ` +
      'Choose one such as my_experiment.',
    { value: folder },
  );
}
