import type { Aws } from '../aws/index.js';
import {
  changed,
  type Dataset,
  digestOf,
  type ImageRecord,
  lastDigest,
  type Manifest,
  type Row,
  readDataset,
} from '../dataset/index.js';
import { count, PipelineError } from '../work/index.js';

/** What a derived data set is made of. */
export interface Originals {
  rows: readonly Row[];
  images: readonly ImageRecord[];
  /** The digest of the whole data set that they are of. */
  digest: string;
}

/** What differs between the kinds of derived data sets. */
export interface Derivation {
  /** The folder of the derived data set. */
  folder: string;
  /** Whether one that lies there already was made in the same way. */
  same(manifest: Manifest): boolean;
  /** The path of the image that a row of it was made of. */
  originOf(row: Row, image: ImageRecord): string;
  /** A verb: "augment". */
  verb: string;
}

/**
 * What to derive from, for a data set that may be a selection of another: the rows of the selection, with those that
 * the derived data set has already. So what was derived from the whole, or from another selection, is kept.
 *
 * @throws PipelineError `dataset.changed` where the folder was exported again since the data set was opened;
 * `dataset.otherSelection` where other rows were derived in another way, which this would replace.
 */
export async function originalsOf(aws: Aws, dataset: Dataset, derivation: Derivation): Promise<Originals> {
  const { rows, manifest, folder, uri } = dataset;
  const digest = manifest.digest ?? dataset.digest;
  if ((await digestOf(aws, folder)) !== digest) {
    throw changed(dataset, await lastDigest(aws, folder));
  }
  if (dataset.digest === digest) return { rows, images: manifest.images, digest };
  const whole = await readDataset(aws, folder);
  const all = new Map(whole.rows.map((row, i) => [row.imagePath, { row, image: whole.manifest.images[i] }]));
  const chosen = new Map(rows.map((row) => [row.imagePath, row]));
  const earlier = await readOrUndefined(aws, derivation.folder);
  const others = new Map<string, Row>();
  for (const [i, row] of (earlier?.rows ?? []).entries()) {
    const image = earlier?.manifest.images[i];
    const path = image && derivation.originOf(row, image);
    if (path !== undefined && all.has(path) && !chosen.has(path)) others.set(path, { ...row, imagePath: path });
  }
  if (earlier && others.size > 0 && !derivation.same(earlier.manifest)) {
    throw new PipelineError(
      'dataset.otherSelection',
      `${earlier.uri} has what was made of ${count(others.size)} other rows in another way, which these ` +
        `${count(rows.length)} would replace. Save these first (pipeline.save) and ${derivation.verb} what is saved, ` +
        `make them in the same way, or ${derivation.verb} the whole of ${uri}.`,
      { value: derivation.folder },
    );
  }
  const wanted = [...all].flatMap(([path, { image }]) => {
    const row = chosen.get(path) ?? others.get(path);
    return row && image ? [{ row, image }] : [];
  });
  return { rows: wanted.map(({ row }) => row), images: wanted.map(({ image }) => image), digest };
}

/** Those rows of a derived data set that were made of a data set's own, in the order of these. */
export function selected(derived: Dataset, { rows }: Dataset, originOf: Derivation['originOf']): Dataset {
  const made = new Map<string, Row[]>();
  for (const [i, row] of derived.rows.entries()) {
    const image = derived.manifest.images[i];
    if (image) made.set(originOf(row, image), [...(made.get(originOf(row, image)) ?? []), row]);
  }
  const own = rows.flatMap(({ imagePath }) => made.get(imagePath) ?? []);
  return own.length === derived.rows.length && own.every((row, i) => row === derived.rows[i])
    ? derived
    : derived.select(own);
}

/** The data set that lies in a folder; undefined where none is complete. */
export async function readOrUndefined(aws: Aws, folder: string): Promise<Dataset | undefined> {
  try {
    return await readDataset(aws, folder);
  } catch (error) {
    if (error instanceof PipelineError && error.code.startsWith('dataset.')) return undefined;
    throw error;
  }
}

/**
 * The MD5 of the image of the catalogue that each image of a data set was made of, by the path of the latter; none of
 * copies of the catalogue's images, nor where what an image was made of is gone.
 */
export async function originsOf(aws: Aws, { rows, manifest }: Dataset): Promise<ReadonlyMap<string, string>> {
  const { kind, parent, images } = manifest;
  const origins = new Map<string, string>();
  if (kind === 'export') return origins;
  if (kind === 'predictions') {
    const original = parent && (await readOrUndefined(aws, parent.folder));
    return original ? originsOf(aws, original) : origins;
  }
  for (const folder of new Set(images.flatMap(({ source }) => folderOf(source) ?? []))) {
    const original = await readOrUndefined(aws, folder);
    if (!original) continue;
    const above = await originsOf(aws, original);
    const md5s = new Map(original.rows.map(({ imagePath }, i) => [imagePath, original.manifest.images[i]?.etag]));
    for (const [i, { imagePath }] of rows.entries()) {
      const path = `s3://${aws.bucket}/${images[i]?.source}`;
      const origin = above.get(path) ?? md5s.get(path);
      if (origin !== undefined) origins.set(imagePath, origin);
    }
  }
  return origins;
}

/** The folder of the data set that an image lies in; undefined for the catalogue's own. */
function folderOf(key: string): string | undefined {
  const end = key.lastIndexOf('/images/');
  return end > 0 ? key.slice(0, end) : undefined;
}

/** A look-up of the MD5 of a row's image, as the manifest of its data set has it. */
export function md5sOf(...datasets: readonly Dataset[]): (row: Row) => string | undefined {
  const md5s = new Map(
    datasets.flatMap(({ rows, manifest }) => rows.map((row, i) => [row.imagePath, manifest.images[i]?.etag] as const)),
  );
  return ({ imagePath }) => md5s.get(imagePath);
}
