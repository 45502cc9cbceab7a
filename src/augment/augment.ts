import { encodeJpeg, pixelRoom, type RawImage, sizeOfImage } from '../image/index.js';
import { randomFrom } from '../work/index.js';
import { applyTransforms, decodeAndApply, drawTransforms, mostPixels } from './draw.js';
import type { Applied, Transform } from './transform.js';

/** What the random numbers of one image follow from, and how it is encoded. */
export interface AugmentOptions {
  /** Different seeds draw different parameters. */
  seed: number | string;
  /** The product's id, or any other name that is unique among the images. */
  id: number | string;
  /** Which of several augmentations of the same image, from 0. @default 0 */
  variant?: number;
  /** JPEG quality of the result, from 1 to 100. @default 90 */
  quality?: number;
}

/** An augmented image, and how it was changed. */
export interface Augmented {
  /** The image, encoded as JPEG. */
  data: Buffer;
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** The transforms and the parameters that were drawn; from these `replay` makes the same image again. */
  applied: Applied[];
}

/**
 * Augments one image: decodes it (unless it is decoded already), changes its pixels, encodes the result as JPEG. The
 * result depends only on the image, the transforms, `seed`, `id` and `variant`, not on the order, the concurrency or
 * the machine.
 *
 * @throws PipelineError `image.unreadable`, `image.tooLarge`, `image.badQuality`, `augment.imageTooSmall`, or
 * `augment.…` for a wrong transform.
 *
 * @example
 * const { data, applied } = await augmentImage(await readFile('15970.jpg'), [randomCrop(50, 70), resize(256, 256)], {
 *   seed: 7,
 *   id: 15970,
 * });
 */
export async function augmentImage(
  original: Uint8Array | RawImage,
  transforms: readonly Transform[],
  { seed, id, variant = 0, quality }: AugmentOptions,
): Promise<Augmented> {
  const decoded = 'width' in original;
  const size = decoded ? original : await sizeOfImage(original);
  const applied = drawTransforms(transforms, randomFrom(seed, id, variant), size);
  return changing(mostPixels(applied, size), async () => {
    const changed = await (decoded ? applyTransforms(original, applied) : decodeAndApply(original, size, applied));
    return { data: await encodeJpeg(changed, quality), width: changed.width, height: changed.height, applied };
  });
}

/** Large images are changed one after another. */
const changing = pixelRoom();

/**
 * Makes an augmented image again from the original and the recorded parameters: the same bytes at the same `quality`
 * (from 1 to 100, default 90).
 *
 * @throws PipelineError `image.unreadable`, `image.tooLarge`, `image.badQuality`, or `augment.…` for a wrong recorded
 * parameter.
 *
 * @example
 * const { applied } = await augmentImage(await readFile('15970.jpg'), [toGray()], { seed: 7, id: 15970 });
 * const again = await replay(await readFile('15970.jpg'), applied);
 */
export async function replay(
  bytes: Uint8Array,
  applied: readonly Applied[],
  { quality }: { quality?: number } = {},
): Promise<Augmented> {
  const size = await sizeOfImage(bytes);
  return changing(mostPixels(applied, size), async () => {
    const { width, height, data } = await decodeAndApply(bytes, size, applied);
    return { data: await encodeJpeg({ width, height, data }, quality), width, height, applied: [...applied] };
  });
}
