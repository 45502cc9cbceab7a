import { type EncodeOptions, encodeImage, pixelRoom, type RawImage, sizeOfImage } from '../image/index.js';
import { randomFrom } from '../work/index.js';
import { applyTransforms, decodeAndApply, drawTransforms, mostPixels } from './draw.js';
import type { Applied, Transform } from './transform.js';

/** What the random numbers of one image follow from, and how it is encoded. */
export interface AugmentOptions extends EncodeOptions {
  /** Different seeds draw different parameters. */
  seed: number | string;
  /** The product's id, or any other name that is unique among the images. */
  id: number | string;
  /** Which of several augmentations of the same image, from 0. @default 0 */
  variant?: number;
}

/** An augmented image, and how it was changed. */
export interface Augmented {
  /** The encoded image. */
  data: Buffer;
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** The transforms and the parameters that were drawn; from these `replay` makes the same image again. */
  applied: Applied[];
}

/**
 * Augments one image: decodes it (unless it is decoded already), changes its pixels, encodes the result. That depends
 * only on the image, the transforms, `seed`, `id` and `variant`, not on the order, the concurrency or the machine.
 *
 * @throws PipelineError `image.unreadable`, `image.tooLarge`, `image.badFormat`, `image.badQuality`,
 * `augment.imageTooSmall`, or `augment.…` for a wrong transform.
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
  { seed, id, variant = 0, format, quality }: AugmentOptions,
): Promise<Augmented> {
  const decoded = 'width' in original;
  const size = decoded ? original : await sizeOfImage(original);
  const applied = drawTransforms(transforms, randomFrom(seed, id, variant), size);
  return changing(mostPixels(applied, size), async () => {
    const changed = await (decoded ? applyTransforms(original, applied) : decodeAndApply(original, size, applied));
    const data = await encodeImage(changed, { format, quality });
    return { data, width: changed.width, height: changed.height, applied };
  });
}

/** Large images are changed one after another. */
const changing = pixelRoom();

/**
 * Makes an augmented image again from the original and the recorded parameters: the same bytes with the same
 * `format` and `quality`.
 *
 * @throws PipelineError `image.unreadable`, `image.tooLarge`, `image.badFormat`, `image.badQuality`, or `augment.…`
 * for a wrong recorded parameter.
 *
 * @example
 * const { applied } = await augmentImage(await readFile('15970.jpg'), [toGray()], { seed: 7, id: 15970 });
 * const again = await replay(await readFile('15970.jpg'), applied);
 */
export async function replay(
  bytes: Uint8Array,
  applied: readonly Applied[],
  options: EncodeOptions = {},
): Promise<Augmented> {
  const size = await sizeOfImage(bytes);
  return changing(mostPixels(applied, size), async () => {
    const changed = await decodeAndApply(bytes, size, applied);
    const data = await encodeImage(changed, options);
    return { data, width: changed.width, height: changed.height, applied: [...applied] };
  });
}
