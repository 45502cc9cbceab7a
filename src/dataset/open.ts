import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Aws, getBytes } from '../aws/index.js';
import { changedSince } from '../catalogue/index.js';
import { PipelineError, plural } from '../work/index.js';
import { Dataset } from './dataset.js';
import { manifestName, metadataFile } from './files.js';
import { lastDigest } from './last-digest.js';
import { type Manifest, manifestSchema } from './manifest.js';
import { othersInWords } from './others.js';
import { type Row, rowSchema } from './row.js';

/** How often a data set is read that is being written at that moment, at growing distances: three seconds in all. */
const attempts = 6;

/**
 * Opens a data set that was exported to a folder of the bucket. One whose rows were corrected in the catalogue since,
 * or that was derived from an earlier state of its original, says so, on stderr and as `stale`.
 *
 * @throws PipelineError `dataset.notFound` where the folder has no complete data set, with the names of others;
 * `dataset.incomplete` where its files are of different runs; `dataset.malformed`.
 *
 * @example
 * const shoes = await openDataset(aws, 'query_male_shoes_from_2012_as');
 * console.log(String(shoes)); // s3://static-s3-bucket/query_male_shoes_from_2012_as/: 684 rows, 684 images
 */
export async function openDataset(aws: Aws, folder: string): Promise<Dataset> {
  try {
    return await withStaleness(aws, await readDataset(aws, folder));
  } catch (error) {
    if (!(error instanceof PipelineError && error.code === 'dataset.notFound')) throw error;
    throw notFound(aws, folder, await othersInWords(aws, folder), error);
  }
}

const notFound = ({ bucket }: Aws, folder: string, others: string, cause: unknown) =>
  new PipelineError(
    'dataset.notFound',
    `s3://${bucket}/${folder}/ has no complete data set.${others} Run its query first, or again.`,
    { value: folder, cause },
  );

/** The same for the kit's own use: nothing is said of what it was derived from. */
export async function readDataset(aws: Aws, folder: string): Promise<Dataset> {
  for (let attempt = 1; ; attempt++) {
    const { rows, manifest } = await readFiles(aws, folder);
    const dataset = new Dataset(aws, folder, rows, manifest);
    const digest = manifest.digest ?? digestOfOld(dataset);
    if (dataset.digest === digest) return new Dataset(aws, folder, rows, { ...manifest, digest });
    if (attempt < attempts) {
      await sleep(100 * 2 ** (attempt - 1));
      continue;
    }
    throw new PipelineError(
      'dataset.incomplete',
      `s3://${aws.bucket}/${folder}/ is not whole: its ${metadataFile.file} (${plural(rows.length, 'row')}) does not ` +
        `belong to its ${manifestName} (${plural(manifest.images.length, 'image')}). A run was stopped, or one ` +
        'of them was changed by hand. Run its query again.',
      { value: folder },
    );
  }
}

async function readFiles(aws: Aws, folder: string): Promise<{ rows: Row[]; manifest: Manifest }> {
  const malformed = (name: string, cause: unknown) =>
    new PipelineError(
      'dataset.malformed',
      `s3://${aws.bucket}/${folder}/${name} is not as the kit writes it. Run its query again.`,
      { value: folder, cause },
    );
  const read = async <T>(name: string, schema: z.ZodType<T>): Promise<T> => {
    try {
      return schema.parse(JSON.parse(Buffer.from(await getBytes(aws, `${folder}/${name}`)).toString()));
    } catch (cause) {
      if (cause instanceof SyntaxError || cause instanceof z.ZodError) throw malformed(name, cause);
      if (!(cause instanceof PipelineError && cause.code === 's3.notFound')) throw cause;
      throw notFound(aws, folder, '', cause);
    }
  };
  const [rows, manifest] = await Promise.all([
    read(metadataFile.file, z.array(rowSchema)),
    read(manifestName, manifestSchema),
  ]);
  return { rows, manifest };
}

/** The digest of a data set whose manifest has none, if at least its ids are those of its images. */
const digestOfOld = ({ rows, manifest: { images, count }, digest }: Dataset): string | undefined =>
  count === rows.length && images.length === count && rows.every(({ id }, i) => images[i]?.id === id)
    ? digest
    : undefined;

/** A data set that knows, and has said, whether it still belongs to what it was derived from. */
async function withStaleness(aws: Aws, dataset: Dataset): Promise<Dataset> {
  const { folder, rows, uri, manifest } = dataset;
  const { parent, kind } = manifest;
  // What was saved is a data set of its own.
  if (!parent || kind === 'saved') return withCorrections(aws, dataset);
  const now = await digestOf(aws, parent.folder);
  if (now === parent.digest) return dataset;
  const original = `s3://${aws.bucket}/${parent.folder}/`;
  const gone = now === undefined ? '; that has no complete data set now' : '';
  const renew = `${kind === 'augmented' ? 'augment' : 'infer from'} ${original} again`;
  const stale = `${uri} was made of what ${original} held before${gone}. To renew it, ${renew}.`;
  console.warn(stale);
  return new Dataset(aws, folder, rows, manifest, stale);
}

/** A data set that knows, and has said, whether its rows were corrected in the catalogue since it was written. */
async function withCorrections(aws: Aws, dataset: Dataset): Promise<Dataset> {
  const { folder, rows, uri, manifest } = dataset;
  if (manifest.query?.table !== aws.table) return dataset;
  const changed = await changedSince(aws, (await lastDigest(aws, folder))?.written ?? 0);
  const corrected = rows.filter((row) =>
    Object.entries(changed.get(row.id) ?? {}).some(
      ([field, value]) => row[field] !== undefined && !isDeepStrictEqual(row[field], value),
    ),
  );
  if (corrected.length === 0) return dataset;
  const [first] = corrected;
  const renew = manifest.kind === 'saved' ? 'save it again from its original, renewed' : 'run its query again';
  const stale =
    `Since ${uri} was written, ${plural(corrected.length, 'row')} of it changed in the catalogue by corrections, the ` +
    `first that of product ${first?.id}. To renew it, ${renew}; diff(dataset, catalogue) says what differs.`;
  console.warn(stale);
  return new Dataset(aws, folder, rows, manifest, stale);
}

/** The digest of the data set that a folder holds now; undefined where it has no complete one. */
export async function digestOf(aws: Aws, folder: string): Promise<string | undefined> {
  const last = await lastDigest(aws, folder);
  if (last?.digest !== undefined) return last.digest;
  try {
    const { rows, manifest } = await readFiles(aws, folder);
    return digestOfOld(new Dataset(aws, folder, rows, manifest));
  } catch (error) {
    if (error instanceof PipelineError && error.code.startsWith('dataset.')) return undefined;
    throw error;
  }
}
