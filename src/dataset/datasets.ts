import { type Aws, getObject, listLevel } from '../aws/index.js';
import { concurrently, messageOf, PipelineError } from '../work/index.js';
import { manifestName, metadataFile } from './files.js';
import { badFolder, derivedNames } from './folder.js';
import { type Manifest, manifestSchema } from './manifest.js';

/**
 * A data set of the bucket, as `pipeline.datasets()` lists it.
 *
 * @example
 * const listed: ListedDataset[] = await pipeline.datasets();
 * console.table(listed);
 */
export interface ListedDataset {
  readonly folder: string;
  /** `export`, `saved`, `augmented` or `predictions`; null where that cannot be read. */
  readonly kind: Manifest['kind'] | null;
  readonly rows: number | null;
  /** The folder that it was made from; null for what a query exported. */
  readonly parent: string | null;
  /** Why it was saved, or the name of its query; null where there is none. */
  readonly reason: string | null;
  /** When it was completed last. */
  readonly when: Date | null;
  /** What is wrong with it; null where nothing is. */
  readonly problem: string | null;
}

/** All data sets of the bucket, by their folders; also those that are not whole. */
export async function listDatasets(aws: Aws, signal?: AbortSignal): Promise<ListedDataset[]> {
  const found: ListedDataset[] = [];
  let level: readonly string[] = [''];
  while (level.length > 0) {
    const below = await concurrently(
      level,
      async (prefix) => {
        const { keys, folders } = await listLevel(aws, prefix, signal);
        const folder = prefix.slice(0, -1);
        const has = (file: string) => keys.includes(`${prefix}${file}`);
        if (folder !== '' && (has(metadataFile.file) || has(manifestName)))
          found.push(await listed(aws, folder, has, signal));
        return folders.filter((name) => mayHaveSome(name.slice(0, -1)));
      },
      { concurrency: 16, signal },
    );
    level = below.flat();
  }
  return found.sort((a, b) => (a.folder < b.folder ? -1 : 1));
}

/** Whether a folder can be a data set, a derived one, or have some below it. */
function mayHaveSome(folder: string): boolean {
  const segments = folder.split('/').filter((segment) => !derivedNames.includes(segment));
  return segments.length > 0 && badFolder(segments.join('/')) === undefined;
}

async function listed(
  aws: Aws,
  folder: string,
  has: (file: string) => boolean,
  signal?: AbortSignal,
): Promise<ListedDataset> {
  const nothing = { folder, kind: null, rows: null, parent: null, reason: null, when: null };
  if (!has(manifestName)) return { ...nothing, problem: `it has no ${manifestName}` };
  try {
    const { manifest, written } = await readSummary(aws, folder, signal);
    const { kind, count, parent, view, query } = manifest;
    return {
      folder,
      kind,
      rows: count,
      parent: parent?.folder ?? null,
      reason: view?.reason ?? query?.name ?? null,
      when: new Date(written),
      problem: has(metadataFile.file) ? null : 'it is not complete: a run was stopped, or is going on',
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof PipelineError && error.code === 's3.notFound')
      return { ...nothing, problem: 'it was removed just now' };
    return { ...nothing, problem: `its ${manifestName} cannot be read: ${messageOf(error).split('\n')[0]}` };
  }
}

/** Bytes of a manifest before its images, and after them, as long as few images have failed. */
const [head, tail] = [64 << 10, 16 << 10];

/** A manifest without its images. That of many images is read by its two ends. */
export async function readSummary(
  aws: Aws,
  folder: string,
  signal?: AbortSignal,
): Promise<{ manifest: Omit<Manifest, 'images'>; written: number }> {
  const read = async (range?: string) => {
    const { bytes, modified } = await getObject(aws, `${folder}/${manifestName}`, { ...(range && { range }), signal });
    return { text: Buffer.from(bytes).toString(), length: bytes.length, written: modified };
  };
  const parsed = (text: string) => manifestSchema.parse(JSON.parse(text));
  const first = await read(`bytes=0-${head - 1}`);
  if (first.length < head) return { manifest: parsed(first.text), written: first.written };
  const last = await read(`bytes=-${tail}`);
  const before = first.text.indexOf('\n  "images": [');
  const after = last.text.lastIndexOf('\n],\n');
  if (before >= 0 && after >= 0 && last.written === first.written) {
    try {
      const text = `${first.text.slice(0, before)}\n"images": []${last.text.slice(after + 2)}`;
      return { manifest: parsed(text), written: first.written };
    } catch {
      // The whole file says what is wrong, if anything is.
    }
  }
  const whole = await read();
  return { manifest: parsed(whole.text), written: whole.written };
}
