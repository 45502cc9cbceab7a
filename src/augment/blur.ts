import { z } from 'zod';
import { define } from './definition.js';
import { between, type Chance, type Range, range } from './options.js';
import { packTaps, resample, type Taps } from './resample.js';
import type { Transform } from './transform.js';

const limits = { low: 0.1, high: 100 };

export const gaussianBlurDefinition = define('gaussianBlur', {
  options: { sigma: range({ one: 'single', ...limits }).default([0.5, 1.5]) },
  parameters: { sigma: z.number({ error: 'a number of pixels' }).min(limits.low).max(limits.high) },
  draw: ({ sigma }, random) => ({ sigma: between(random, sigma) }),
  apply: (image, { sigma }) => resample(image, taps(image.width, sigma), taps(image.height, sigma)),
});

/** How much an image is blurred. */
export interface GaussianBlurOptions extends Chance {
  /** Standard deviation in pixels, from 0.1 to 100; one number is that exact deviation. @default [0.5, 1.5] */
  sigma?: Range;
}

/**
 * Blurs the image by a Gaussian. Beyond its border the image is mirrored, so its mean stays the same.
 *
 * @throws PipelineError `augment.invalidOption`
 * @example
 * const soft = gaussianBlur({ sigma: [0.5, 1], p: 0.3 });
 */
export const gaussianBlur = (options: GaussianBlurOptions = {}): Transform => gaussianBlurDefinition.transform(options);

function taps(size: number, sigma: number): Taps {
  const radius = Math.ceil(3 * sigma);
  const contributions = Array.from({ length: size }, (_, output) => {
    const first = Math.max(0, output - radius);
    const weights = new Array<number>(Math.min(size, output + radius + 1) - first).fill(0);
    for (let offset = -radius; offset <= radius; offset++) {
      const at = mirrored(output + offset, size) - first;
      weights[at] = (weights[at] ?? 0) + Math.exp(-(offset ** 2) / (2 * sigma ** 2));
    }
    return { first, weights };
  });
  return packTaps(size, contributions);
}

/** The position within the image that position `i` mirrors: … 1 0 | 0 1 2 … size-1 | size-1 … */
function mirrored(i: number, size: number): number {
  const period = ((i % (2 * size)) + 2 * size) % (2 * size);
  return period < size ? period : 2 * size - 1 - period;
}
