import { checkPixels, decodeImage, type RawImage, type Size } from '../image/index.js';
import { type Random, randomFrom } from '../work/index.js';
import { groups } from './groups.js';
import { definitionOf } from './registry.js';
import type { Applied, Transform } from './transform.js';

/**
 * Draws the parameters of the transforms for one image of this size. Each position of the chain has random numbers of
 * its own, so changing one transform does not change what the others draw.
 *
 * @throws PipelineError `augment.…` if a transform is wrong or the image is too small for it.
 *
 * @example
 * import { randomFrom } from '../work/index.js';
 * const applied = drawTransforms([horizontalFlip({ p: 0.5 })], randomFrom(7, 15970), { width: 60, height: 80 });
 */
export function drawTransforms(transforms: readonly Transform[], random: Random, size: Size): Applied[] {
  const all: Applied[] = [];
  for (const transform of transforms) {
    const own = randomFrom(random(), random());
    if (own() >= (transform.p ?? 1)) continue;
    const group = groups.get(transform.name);
    const drawn = group
      ? drawTransforms(group.choose(transform, own), own, size)
      : [definitionOf(transform.name).draw(transform, own, size)];
    for (const applied of drawn) size = definitionOf(applied.name).sizeAfter(applied, size);
    all.push(...drawn);
  }
  return all;
}

/**
 * Returns a decoded image changed by drawn or recorded parameters; the given image stays as it is. On 60x80 pixels this
 * costs a fraction of decoding. Only `jpegCompression` makes it asynchronous.
 *
 * @throws PipelineError `augment.…` if a recorded parameter is wrong or the image is too small for it.
 *
 * @example
 * const changed = await applyTransforms(await decodeImage(await readFile('15970.jpg')), [{ name: 'horizontalFlip' }]);
 */
export async function applyTransforms(image: RawImage, applied: readonly Applied[]): Promise<RawImage> {
  for (const one of applied) {
    const changed = definitionOf(one.name).apply(image, one);
    image = changed instanceof Promise ? await changed : changed;
  }
  return image;
}

/**
 * The most pixels that an image of this size has while it is changed.
 *
 * @throws PipelineError `image.tooLarge` where that is more than the kit makes.
 */
export function mostPixels(applied: readonly Applied[], size: Size): number {
  let most = size.width * size.height;
  for (const one of applied) {
    size = definitionOf(one.name).sizeAfter(one, size);
    checkPixels(size);
    most = Math.max(most, size.width * size.height);
  }
  return most;
}

/**
 * Decodes an image of this size and changes it. If a crop comes first, only the crop is decoded; damage in the file
 * below it is not noticed.
 */
export async function decodeAndApply(bytes: Uint8Array, size: Size, applied: readonly Applied[]): Promise<RawImage> {
  const [first, ...others] = applied;
  const region = first && definitionOf(first.name).region(first, size);
  return region
    ? applyTransforms(await decodeImage(bytes, { region }), others)
    : applyTransforms(await decodeImage(bytes), applied);
}
