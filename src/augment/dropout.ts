import { z } from 'zod';
import type { RawImage } from '../image/index.js';
import { randomInteger } from '../work/index.js';
import { define } from './definition.js';
import { between, type Chance, type Fill, fill, integer, type Range, range } from './options.js';
import type { Transform } from './transform.js';

const fraction = range({ one: 'single', low: 0, high: 1 });
const corner = integer(0, 2 ** 31);
const hole = z.object({ x: corner, y: corner, width: corner, height: corner });
type Hole = z.output<typeof hole>;

export const coarseDropoutDefinition = define('coarseDropout', {
  options: {
    holes: range({ one: 'single', low: 1, high: 1000, whole: true }).default([1, 2]),
    width: fraction.default([0.1, 0.2]),
    height: fraction.default([0.1, 0.2]),
    fill: fill.default([0, 0, 0]),
  },
  parameters: { holes: z.array(hole, { error: 'a list of holes' }), fill },
  draw(options, random, size) {
    const holes = Array.from({ length: randomInteger(random, ...options.holes) }, () => {
      const width = Math.max(1, Math.round(between(random, options.width) * size.width));
      const height = Math.max(1, Math.round(between(random, options.height) * size.height));
      const x = randomInteger(random, 0, size.width - width);
      const y = randomInteger(random, 0, size.height - height);
      return { x, y, width, height };
    });
    return { holes, fill: options.fill };
  },
  apply: punch,
});

/** How many rectangles are covered, how large, and with what. */
export interface CoarseDropoutOptions extends Chance {
  /** How many, from 1 to 1,000; one number is that exact count. @default [1, 2] */
  holes?: Range;
  /** A hole's width as a fraction of the image's; one number is that exact width. @default [0.1, 0.2] */
  width?: Range;
  /** A hole's height as a fraction of the image's; one number is that exact height. @default [0.1, 0.2] */
  height?: Range;
  /** The colour of the holes. @default 0 */
  fill?: Fill;
}

/**
 * Covers rectangles at random places; they may overlap. After T. DeVries and G. W. Taylor: Improved Regularization of
 * Convolutional Neural Networks with Cutout (2017).
 *
 * @throws PipelineError `augment.invalidOption`
 * @example
 * const holed = coarseDropout({ holes: [1, 4], fill: 128 });
 */
export const coarseDropout = (options: CoarseDropoutOptions = {}): Transform =>
  coarseDropoutDefinition.transform(options);

function punch(
  image: RawImage,
  { holes, fill }: { holes: readonly Hole[]; fill: readonly [number, number, number] },
): RawImage {
  const data = Uint8Array.from(image.data);
  for (const { x, y, width, height } of holes) {
    for (let row = y; row < Math.min(y + height, image.height); row++) {
      const end = (row * image.width + Math.min(x + width, image.width)) * 3;
      for (let at = (row * image.width + x) * 3; at < end; at += 3) data.set(fill, at);
    }
  }
  return { ...image, data };
}
