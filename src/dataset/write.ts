import { type Aws, list, remove } from '../aws/index.js';
import { columnTypes, fashion, type Schema } from '../catalogue/index.js';
import { version } from '../version.js';
import { chunked } from '../work/index.js';
import { embeddingsFile, manifestFile, metadataFile } from './files.js';
import { formatNames, formats, type MetadataFormat } from './formats/index.js';
import type { Lineage, Manifest } from './manifest.js';
import { digester, type Part } from './part.js';
import { metadataColumns } from './row.js';
import { writeFiles } from './write-files.js';

/** The ETags of a folder's images, by file name below the folder (`images/15970.jpg`). */
export async function existingImages(aws: Aws, folder: string, signal?: AbortSignal): Promise<Map<string, string>> {
  const etags = new Map<string, string>();
  for await (const { key, etag } of list(aws, `${folder}/images/`, signal))
    etags.set(key.slice(folder.length + 1), etag);
  return etags;
}

export interface CompleteOptions {
  /** What the products are, for the types of the columns; default: the fashion catalogue's. */
  schema?: Schema | undefined;
  /** Formats in which the metadata is written beside metadata.json; default: none. */
  formats?: readonly MetadataFormat[] | undefined;
  /**
   * The images that were there before the data set's own, as `existingImages` returns them; default: the folder
   * is listed again.
   */
  existing?: ReadonlyMap<string, string> | undefined;
  signal?: AbortSignal | undefined;
}

/** What was written. */
export interface Completed {
  /** The manifest without its images. */
  manifest: Omit<Manifest, 'images'>;
  /** A digest of the rows and images, for what is derived from them. */
  digest: string;
  /** How many images were removed because they no longer belonged. */
  removed: number;
}

/**
 * Completes a data set whose images are in their place: writes the manifest, the metadata in the chosen formats, the
 * embeddings, and `metadata.json` last, so that a folder which has it is complete. Then removes the images that no
 * longer belong, and the files that a run before this one left. Goes through the parts once.
 */
export async function completeDataset(
  aws: Aws,
  folder: string,
  parts: Iterable<Part> | AsyncIterable<Part>,
  lineage: Lineage,
  { schema = fashion, formats: chosen = [], existing, signal }: CompleteOptions = {},
): Promise<Completed> {
  const head = { version: 1 as const, kit: version, ...lineage };
  const digest = digester();
  const images = new Set<string>();
  async function* noted() {
    for await (const part of parts) {
      digest.add(part);
      for (const { file } of part.images) images.add(file);
      yield part;
    }
  }
  const types = columnTypes(schema);
  const columns = (lineage.columns ?? metadataColumns).map((name) => ({ name, type: types[name] ?? 'string' }));
  const embeddings = lineage.kind === 'predictions' ? [embeddingsFile] : [];
  const further = formatNames.filter((name) => chosen.includes(name)).map((name) => formats[name]);
  const { totals, written } = await writeFiles(
    aws,
    folder,
    noted(),
    [manifestFile(head), ...further, ...embeddings, metadataFile],
    { columns, signal },
  );
  const outdated = [...Object.values(formats), ...embeddings].filter(({ file }) => !written.has(file));
  const [removed] = await Promise.all([
    removeOthers(aws, folder, existing?.keys() ?? imageFiles(aws, folder, signal), images, signal),
    remove(
      aws,
      outdated.map(({ file }) => `${folder}/${file}`),
      signal,
    ),
  ]);
  return { manifest: { ...head, ...totals }, digest: digest.hex(), removed };
}

async function* imageFiles(aws: Aws, folder: string, signal: AbortSignal | undefined): AsyncGenerator<string> {
  for await (const { key } of list(aws, `${folder}/images/`, signal)) yield key.slice(folder.length + 1);
}

/** Removes the images that are or were there but do not belong to the data set; returns how many. */
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
