import * as aq from 'arquero';
import type { Aws } from '../aws.js';
import { list, putText, remove } from '../bucket.js';
import { chunked } from '../chunks.js';
import { PipelineError } from '../errors.js';
import type { Failure } from '../failures.js';
import { version } from '../version.js';
import type { Manifest } from './manifest.js';
import { type Parts, digester } from './part.js';
import { type Row, metadataColumns } from './picture.js';

/** Further forms of the metadata: `csv` as metadata.csv, `jsonl` as metadata.jsonl (JSON Lines). */
export type MetadataFormat = 'csv' | 'jsonl';

/** The ETags of a folder's images, by file name below the folder (`images/15970.jpg`). */
export async function existingImages(aws: Aws, folder: string, signal?: AbortSignal): Promise<Map<string, string>> {
  const etags = new Map<string, string>();
  for await (const { key, etag } of list(aws, `${folder}/images/`, signal)) etags.set(key.slice(folder.length + 1), etag);
  return etags;
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
 * Completes a data set whose images are in their place: manifest, further forms of the metadata, `metadata.json` last, so
 * that a folder which has it is complete. Then removes the images that no longer belong. Holds one part at a time.
 */
export async function completeDataset(
  aws: Aws,
  folder: string,
  parts: Parts,
  lineage: Omit<Manifest, 'version' | 'kit' | 'count' | 'failures' | 'images'>,
  { formats = [], signal }: { formats?: readonly MetadataFormat[] | undefined; signal?: AbortSignal | undefined } = {},
): Promise<Completed> {
  const { count, failures, digest, files } = await survey(parts);
  const manifest = { version: 1 as const, kit: version, ...lineage, failures, count };
  const put = (file: string, text: AsyncIterable<string>, type: string) => putText(aws, `${folder}/${file}`, text, { type, signal });
  await put('manifest.json', listing(manifest, parts), 'application/json');
  if (formats.includes('csv')) await put('metadata.csv', csv(parts), 'text/csv');
  if (formats.includes('jsonl')) await put('metadata.jsonl', jsonLines(parts), 'application/x-ndjson');
  await put('metadata.json', jsonArray(parts, ({ rows }) => rows), 'application/json');

  const outdated = (['csv', 'jsonl'] as const).filter((format) => !formats.includes(format)).map((format) => `${folder}/metadata.${format}`);
  await remove(aws, outdated, signal);
  return { manifest, digest, removed: await removeOthers(aws, folder, files, signal) };
}

async function survey(parts: Parts): Promise<{ count: number; failures: Failure[]; digest: string; files: Set<string> }> {
  const digest = digester();
  const files = new Set<string>();
  const failures: Failure[] = [];
  let count = 0;
  for await (const part of parts()) {
    digest.add(part);
    for (const { file } of part.images) files.add(file);
    failures.push(...part.failures);
    count += part.rows.length;
  }
  return { count, failures, digest: digest.hex(), files };
}

async function removeOthers(aws: Aws, folder: string, files: ReadonlySet<string>, signal: AbortSignal | undefined): Promise<number> {
  let removed = 0;
  for await (const page of chunked(list(aws, `${folder}/images/`, signal), 1000)) {
    const others = page.map(({ key }) => key).filter((key) => !files.has(key.slice(folder.length + 1)));
    await remove(aws, others, signal);
    removed += others.length;
  }
  return removed;
}

/** A JSON array, an element a line: small, and readable in a diff. */
async function* jsonArray(parts: Parts, itemsOf: (part: { rows: readonly unknown[]; images: readonly unknown[] }) => readonly unknown[], end = '\n'): AsyncGenerator<string> {
  let before = '[\n';
  for await (const part of parts()) {
    const items = itemsOf(part);
    if (items.length === 0) continue;
    yield before + items.map((item) => JSON.stringify(item)).join(',\n');
    before = ',\n';
  }
  yield `${before === '[\n' ? '[]' : '\n]'}${end}`;
}

/** The manifest as JSON, indented, but its images a line each. */
async function* listing(manifest: Completed['manifest'], parts: Parts): AsyncGenerator<string> {
  yield `${JSON.stringify(manifest, null, 2).slice(0, -2)},\n  "images": `;
  yield* jsonArray(parts, ({ images }) => images, '\n}\n');
}

async function* jsonLines(parts: Parts): AsyncGenerator<string> {
  for await (const { rows } of parts()) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** arquero quotes what needs quotes. */
async function* csv(parts: Parts): AsyncGenerator<string> {
  const table = (rows: readonly Row[]) => aq.table(Object.fromEntries(metadataColumns.map((name) => [name, rows.map((row) => row[name] ?? null)])));
  yield `${metadataColumns.join(',')}\n`;
  for await (const { rows } of parts()) if (rows.length > 0) yield table(rows).toCSV({ header: false });
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
    `'${folder}' cannot be an export's folder: ${own ? 'the kit keeps its own files there' : 'it takes letters, digits, -, _ and ., with / between'}. Choose one such as my_experiment.`,
    { value: folder },
  );
}
