import type { Aws } from '../aws.js';
import { list, putBytes, remove } from '../bucket.js';
import { PipelineError } from '../errors.js';
import { version } from '../version.js';
import { Dataset } from './dataset.js';
import type { Manifest } from './manifest.js';
import type { Row } from './picture.js';

/** Further forms of the metadata: `csv` as metadata.csv, `jsonl` as metadata.jsonl (JSON Lines). */
export type MetadataFormat = 'csv' | 'jsonl';

/** The ETags of a folder's images, by file name below the folder (`images/15970.jpg`). */
export async function existingImages(aws: Aws, folder: string, signal?: AbortSignal): Promise<Map<string, string>> {
  const etags = new Map<string, string>();
  for await (const { key, etag } of list(aws, `${folder}/images/`, signal)) etags.set(key.slice(folder.length + 1), etag);
  return etags;
}

/**
 * Completes a data set whose images are in their place: manifest, further forms of the metadata, `metadata.json` last, so
 * that a folder which has it is complete. Then removes the images that no longer belong.
 *
 * @returns The data set, and how many images were removed.
 */
export async function completeDataset(
  aws: Aws,
  folder: string,
  rows: readonly Row[],
  lineage: Omit<Manifest, 'version' | 'kit' | 'count'>,
  existing: ReadonlyMap<string, string>,
  formats: readonly MetadataFormat[] = [],
): Promise<{ dataset: Dataset; removed: number }> {
  const manifest: Manifest = { version: 1, kit: version, ...lineage, count: rows.length };
  const dataset = new Dataset(aws, folder, rows, manifest);
  await putBytes(aws, `${folder}/manifest.json`, listing(manifest), { type: 'application/json' });
  if (formats.includes('csv')) await putBytes(aws, `${folder}/metadata.csv`, csv(dataset), { type: 'text/csv' });
  if (formats.includes('jsonl')) await putBytes(aws, `${folder}/metadata.jsonl`, rows.map((row) => `${JSON.stringify(row)}\n`).join(''), { type: 'application/x-ndjson' });
  await putBytes(aws, `${folder}/metadata.json`, `${lines(rows)}\n`, { type: 'application/json' });

  const belonging = new Set(manifest.images.map(({ file }) => file));
  const stale = [...existing.keys()].filter((file) => !belonging.has(file));
  const outdated = (['csv', 'jsonl'] as const).filter((format) => !formats.includes(format)).map((format) => `metadata.${format}`);
  await remove(aws, [...stale, ...outdated].map((file) => `${folder}/${file}`));
  return { dataset, removed: stale.length };
}

/** A JSON array, an element a line: small, and readable in a diff. */
const lines = (items: readonly unknown[]): string => (items.length === 0 ? '[]' : `[\n${items.map((item) => JSON.stringify(item)).join(',\n')}\n]`);

/** The manifest as JSON, indented, but its images a line each. */
function listing(manifest: Manifest): string {
  const { images, ...rest } = manifest;
  return `${JSON.stringify(rest, null, 2).slice(0, -2)},\n  "images": ${lines(images)}\n}\n`;
}

/** arquero quotes what needs quotes; lists and objects go in as JSON. */
function csv({ metadata }: Dataset): string {
  const columns = metadata.columnNames();
  const text = (value: unknown) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
  return `${metadata.toCSV({ format: Object.fromEntries(columns.map((column) => [column, text])) })}\n`;
}

/**
 * Checks the name of an export's folder.
 *
 * @throws PipelineError `dataset.badFolder` where it is no plain path, or the catalogue's own.
 */
export function checkFolder(folder: string): void {
  const own = ['images', 'catalogue'].includes(folder.split('/')[0] ?? '');
  if (!own && /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(folder) && folder.length <= 200) return;
  throw new PipelineError(
    'dataset.badFolder',
    `'${folder}' cannot be an export's folder: ${own ? 'the catalogue itself is there' : 'it takes letters, digits, -, _ and ., with / between'}. Choose one such as my_experiment.`,
    { value: folder },
  );
}
