import { z } from 'zod';
import type { RawImage } from '../image/index.js';
import { randomFrom, randomInteger } from '../work/index.js';
import { define } from './definition.js';
import { between, type Chance, type Range, range } from './options.js';
import type { Transform } from './transform.js';

export const gaussianNoiseDefinition = define('gaussianNoise', {
  options: { std: range({ one: 'single', low: 0, high: 1 }).default([0.02, 0.1]) },
  parameters: {
    std: z.number({ error: 'a number from 0 to 1' }).min(0).max(1),
    seed: z.int({ error: 'a whole number' }),
  },
  draw: ({ std }, random) => ({ std: between(random, std), seed: randomInteger(random, 0, 2 ** 32 - 1) }),
  apply: addNoise,
});

/** How much noise is added. */
export interface GaussianNoiseOptions extends Chance {
  /**
   * Standard deviation as a fraction of full brightness, from 0 to 1; one number is that exact deviation.
   *
   * @default [0.02, 0.1]
   */
  std?: Range;
}

/**
 * Adds normally distributed noise to every channel of every pixel. The noise has a recorded seed, so a replay makes the
 * same noise.
 *
 * @throws PipelineError `augment.invalidOption`
 * @example
 * const grainy = gaussianNoise({ std: [0.01, 0.05], p: 0.5 });
 */
export const gaussianNoise = (options: GaussianNoiseOptions = {}): Transform =>
  gaussianNoiseDefinition.transform(options);

// Box and Muller's transform (Ann. Math. Statist. 29, 1958) with its two functions tabulated at 4,096 points each, so
// that a sample takes one random number of 32 bits, without a logarithm or a cosine.
const points = 4096;
const radius = Float64Array.from({ length: points }, (_, i) => Math.sqrt(-2 * Math.log((i + 0.5) / points)));
const cosine = Float64Array.from({ length: points }, (_, i) => Math.cos((2 * Math.PI * (i + 0.5)) / points));

function addNoise(image: RawImage, { std, seed }: { std: number; seed: number }): RawImage {
  const random = randomFrom('noise', seed);
  const data = new Uint8ClampedArray(image.data);
  for (let i = 0; i < data.length; i++) {
    const draw = random() * 2 ** 32;
    const normal = (radius[draw >>> 20] ?? 0) * (cosine[draw & (points - 1)] ?? 0);
    data[i] = (data[i] ?? 0) + normal * std * 255;
  }
  return { ...image, data: new Uint8Array(data.buffer) };
}
