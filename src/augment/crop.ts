import { cut, type RawImage, type Region, type Size } from '../image/index.js';
import { PipelineError, randomInteger } from '../work/index.js';
import { define } from './definition.js';
import { type Chance, integer, pixels } from './options.js';
import type { Transform } from './transform.js';

const corner = integer(0, 2 ** 31);
const rectangle = {
  options: { width: pixels, height: pixels },
  parameters: { x: corner, y: corner, width: pixels, height: pixels },
  sizeAfter: ({ width, height }: Region) => ({ width, height }),
  region,
  apply: (image: RawImage, parameters: Region) => cut(image, region(parameters, image)),
};

export const randomCropDefinition = define('randomCrop', {
  ...rectangle,
  draw({ width, height }, random, size) {
    requireRoom({ width, height }, size);
    const x = randomInteger(random, 0, size.width - width);
    const y = randomInteger(random, 0, size.height - height);
    return { x, y, width, height };
  },
});

export const centerCropDefinition = define('centerCrop', {
  ...rectangle,
  draw({ width, height }, _random, size) {
    requireRoom({ width, height }, size);
    return { x: Math.floor((size.width - width) / 2), y: Math.floor((size.height - height) / 2), width, height };
  },
});

/**
 * Cuts a rectangle of `width` x `height` pixels out of a random place; all places are equally likely. A smaller image
 * fails with `augment.imageTooSmall`.
 *
 * @throws PipelineError `augment.invalidOption`
 *
 * @example
 * const { data } = await augmentImage(await readFile('15970.jpg'), [randomCrop(50, 70), resize(256, 256)], {
 *   seed: 7,
 *   id: 15970,
 * });
 */
export const randomCrop = (width: number, height: number, options: Chance = {}): Transform =>
  randomCropDefinition.transform({ width, height, ...options });

/**
 * Cuts the rectangle of `width` x `height` pixels out of the middle (rounded to the upper left). A smaller image fails
 * with `augment.imageTooSmall`.
 *
 * @throws PipelineError `augment.invalidOption`
 *
 * @example
 * const square = [pad(80, 80), centerCrop(80, 80)];
 */
export const centerCrop = (width: number, height: number, options: Chance = {}): Transform =>
  centerCropDefinition.transform({ width, height, ...options });

function region(part: Region, size: Size): Region {
  requireRoom({ width: part.x + part.width, height: part.y + part.height }, size);
  return part;
}

function requireRoom(crop: Size, image: Size): void {
  if (crop.width <= image.width && crop.height <= image.height) return;
  throw new PipelineError(
    'augment.imageTooSmall',
    `The image is ${image.width}x${image.height} pixels, too small for a crop of ` +
      `${crop.width}x${crop.height}: pad or resize it first.`,
    { value: `${image.width}x${image.height}` },
  );
}
