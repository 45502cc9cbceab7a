import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Applied, augmentImage, checkTransforms } from '../augment/index.js';
import { type Aws, getBytes, headOf, imageConcurrency, md5, putBytes, recordedMd5 } from '../aws/index.js';
import { baseName, Failures, fileName, type ProductId, variantKey, variantKeys } from '../catalogue/index.js';
import {
  type Confirm,
  claimFolder,
  completeDataset,
  Dataset,
  holdFolder,
  type ImageRecord,
  imageKeyOf,
  imageOf,
  type Manifest,
  noteBegun,
  type Part,
  type Row,
  readManifest,
  retraction,
  type Work,
} from '../dataset/index.js';
import { checkEncoding, decodeImage, imageFormats, type RawImage } from '../image/index.js';
import { concurrently, PipelineError, type StepOptions, Tracker } from '../work/index.js';
import { checkFit } from './fit.js';
import { augmentedFolder } from './folders.js';
import { originalsOf, selected } from './originals.js';
import type { Augmentation } from './queries.js';

/** An augmentation with all its defaults filled in. */
export type Recipe = NonNullable<Manifest['augmentation']>;

/**
 * Augments the images of a data set into a data set of its own, in `<folder>/augmented/`. Its rows are those of the
 * originals with `variant` and `transforms` (the parameters that were drawn). Images that an earlier run made from the
 * same image in the same way are kept.
 *
 * @throws PipelineError `augment.…` if a transform is wrong; `augment.imageTooSmall` if the chain fits none of the
 * first images, before anything is written; `run.tooManyFailures`.
 */
export async function augmentDataset(
  aws: Aws,
  parent: Dataset,
  augmentation: Augmentation,
  { signal, onProgress }: StepOptions = {},
): Promise<Dataset> {
  const recipe = checkRecipe(augmentation);
  const folder = augmentedFolder(parent.folder);
  return holdFolder(aws, folder, signal, async ({ signal, confirm }) => {
    const existing = await claimFolder(aws, folder, signal);
    const earlier = existing.size > 0 ? await readManifest(aws, folder, signal) : undefined;
    // What lies there was made in this way: the transforms fit.
    if (!isDeepStrictEqual(earlier?.augmentation, recipe))
      await checkFit(parent.rows, recipe, (row) => parent.image(row, signal));
    const originals = await originalsOf(aws, parent, {
      folder,
      same: ({ augmentation }) => isDeepStrictEqual(augmentation, recipe),
      originOf: (_, { source }) => `s3://${aws.bucket}/${source}`,
      verb: 'augment',
    });
    const { extension } = imageFormats[recipe.format ?? 'jpeg'];
    const files = originals.rows.flatMap((row) => variantKeys(imageKeyOf(aws, row), recipe.variants, extension));
    const fresh = files.filter((file) => !existing.has(file));
    await noteBegun(aws, folder, fresh, { signal });
    const tracker = new Tracker('augment', 'images', originals.rows.length * recipe.variants, onProgress);
    const part = await augmentPart(aws, folder, originals, recipe, existing, {
      failures: new Failures(originals.rows.length),
      tracker,
      confirm,
      signal,
    });
    const lineage = {
      kind: 'augmented' as const,
      parent: { folder: parent.folder, digest: originals.digest },
      augmentation: recipe,
    };
    const { manifest } = await completeDataset(aws, folder, [part], lineage, { confirm, signal });
    tracker.end();
    const augmented = new Dataset(aws, folder, part.rows, { ...manifest, images: [...part.images] });
    return selected(augmented, parent, (_, { source }) => `s3://${aws.bucket}/${source}`);
  });
}

/** Augments the images of some rows into a folder; `existing` has the files that an earlier run may have made. */
export async function augmentPart(
  aws: Aws,
  folder: string,
  { rows, images }: Omit<Part, 'failures'>,
  recipe: Recipe,
  existing: Pick<ReadonlySet<string>, 'has'>,
  { failures, tracker, confirm, signal }: Work,
): Promise<Part> {
  const retract = retraction(aws, folder, { confirm, signal });
  const setting = { aws, folder, recipe, existing, confirm, retract, signal };
  const made = await concurrently(
    rows,
    async (row, i) => {
      try {
        const variants = await augmentRow(setting, row, images[i]?.etag ?? '');
        tracker.tick(recipe.variants);
        return variants;
      } catch (error) {
        failures.add(row.id, 'augment', error);
        tracker.tick(recipe.variants, recipe.variants);
        return [];
      }
    },
    { concurrency: imageConcurrency / 2, signal },
  );
  const done = made.flat();
  return { rows: done.map(({ row }) => row), images: done.map(({ image }) => image), failures: failures.sorted };
}

/** What is the same for every image of an augmentation. */
interface Setting {
  aws: Aws;
  folder: string;
  recipe: Recipe;
  existing: Pick<ReadonlySet<string>, 'has'>;
  confirm: Confirm | undefined;
  /** Takes the folder's metadata away, before an image is overwritten. */
  retract(): Promise<void>;
  signal: AbortSignal | undefined;
}

/**
 * @throws PipelineError `augment.badVariants`, `augment.badSeed`, `image.badFormat`, `image.badQuality`, or `augment.…`
 * where a transform is wrong.
 */
export function checkRecipe({ transforms, seed = 0, variants = 1, ...encoding }: Augmentation): Recipe {
  if (!Number.isInteger(variants) || variants < 1 || variants > 1000) {
    throw new PipelineError(
      'augment.badVariants',
      `${variants} variants cannot be made of an image; give a whole number from 1 to 1000.`,
      { value: variants },
    );
  }
  if (!Number.isSafeInteger(seed))
    throw new PipelineError('augment.badSeed', `The seed is ${seed}; give a whole number.`, { value: seed });
  const { format, quality } = checkEncoding(encoding);
  // As earlier versions have it, which made JPEG alone.
  return { transforms: checkTransforms(transforms), seed, variants, quality, ...(format !== 'jpeg' && { format }) };
}

/** Pixels of larger files are not kept from one variant to the next: they would be many at a time. */
const largeBytes = 2 ** 20;

/**
 * What the parameters of an image's variants are drawn by, beside seed and variant. Variants of one product that are
 * augmented again must differ, so the file's name tells them apart.
 */
export function variantId(id: ProductId, source: string): ProductId {
  const name = baseName(source);
  return name === fileName(id) ? id : name;
}

/**
 * All variants of one image; the original is fetched once, and decoded once for several, and only if one is missing.
 */
async function augmentRow(
  { aws, folder, recipe, existing, confirm, retract, signal }: Setting,
  row: Row,
  sourceMd5: string,
): Promise<{ row: Row; image: ImageRecord }[]> {
  const { extension, type } = imageFormats[recipe.format ?? 'jpeg'];
  const source = imageKeyOf(aws, row);
  const id = variantId(row.id, source);
  let original: Uint8Array | RawImage | undefined;
  const made = [];
  for (let variant = 0; variant < recipe.variants; variant++) {
    const file = variantKey(source, variant, extension);
    const key = `${folder}/${file}`;
    const fingerprint = fingerprintOf(sourceMd5, recipe, id, variant);
    let image = existing.has(file) ? await madeBefore(aws, key, fingerprint, signal) : undefined;
    if (!image) {
      if (original === undefined) {
        const bytes = await imageOf(aws, row, signal);
        original = recipe.variants === 1 || bytes.length > largeBytes ? bytes : await decodeImage(bytes);
      }
      const { data, applied } = await augmentImage(original, recipe.transforms, { ...recipe, id, variant });
      await confirm?.();
      if (existing.has(file)) await retract();
      await putBytes(aws, key, data, { type, metadata: lineageOf(fingerprint, applied), signal });
      image = { md5: md5(data), applied };
    }
    made.push({
      row: { ...row, imagePath: `s3://${aws.bucket}/${key}`, variant, transforms: image.applied },
      image: { id: row.id, file, etag: image.md5, source },
    });
  }
  return made;
}

/**
 * Equal fingerprints mean equal pixels: a digest of all that an augmented image depends on, the version of this code
 * first.
 */
const fingerprintOf = (
  sourceMd5: string,
  { transforms, seed, quality, format }: Recipe,
  id: ProductId | string,
  variant: number,
): string =>
  createHash('sha256')
    .update(JSON.stringify([2, sourceMd5, transforms, seed, quality, id, variant, ...(format ? [format] : [])]))
    .digest('hex')
    .slice(0, 32);

/**
 * An augmented image carries its fingerprint and parameters, so that a re-run needs neither its pixels nor a manifest.
 */
function lineageOf(fingerprint: string, applied: readonly Applied[]): Record<string, string> {
  const parameters = JSON.stringify(applied);
  // S3 allows 2 KB of metadata. An image whose parameters do not fit is augmented again on each run.
  return parameters.length <= 1800 ? { fingerprint, applied: parameters } : {};
}

const appliedSchema = z.array(z.looseObject({ name: z.string() }));

async function madeBefore(
  aws: Aws,
  key: string,
  fingerprint: string,
  signal?: AbortSignal,
): Promise<{ md5: string; applied: Applied[] } | undefined> {
  const head = await headOf(aws, key, signal);
  if (head?.Metadata?.fingerprint !== fingerprint) return undefined;
  return {
    md5: recordedMd5(head) ?? md5(await getBytes(aws, key, signal)),
    applied: appliedSchema.parse(JSON.parse(head.Metadata.applied ?? '[]')),
  };
}
