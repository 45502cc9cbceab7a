import { checkTransforms } from './check.js';
import type { Chance } from './options.js';
import type { Transform } from './transform.js';

const checked = (transform: object): Transform => {
  const [only = { name: 'compose' }] = checkTransforms([transform]);
  return only;
};

/**
 * Makes one transform of several, which are applied in order.
 *
 * @throws PipelineError `augment.…` if one of them is wrong.
 *
 * @example
 * const query4 = compose(randomCrop(50, 70), resize(256, 256));
 */
export const compose = (...transforms: readonly Transform[]): Transform => checked({ name: 'compose', transforms });

/**
 * Applies one of several transforms, drawn for each image; the transforms' own probabilities are their weights.
 *
 * @throws PipelineError `augment.…` if one of them is wrong.
 *
 * @example
 * const soft = oneOf([gaussianBlur(), jpegCompression()], { p: 0.5 });
 */
export const oneOf = (transforms: readonly Transform[], options: Chance = {}): Transform =>
  checked({ name: 'oneOf', transforms, ...options });

/**
 * Applies `n` different ones of several transforms. They are drawn evenly for each image and applied in the order of
 * the list, each with its own probability.
 *
 * @throws PipelineError `augment.…` if one of them is wrong.
 *
 * @example
 * const two = someOf(2, [horizontalFlip(), rotate({ limit: 10 }), brightnessContrast()]);
 */
export const someOf = (n: number, transforms: readonly Transform[], options: Chance = {}): Transform =>
  checked({ name: 'someOf', n, transforms, ...options });
