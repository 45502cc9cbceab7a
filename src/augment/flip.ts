import type { RawImage } from '../image/index.js';
import { define } from './definition.js';
import type { Chance } from './options.js';
import type { Transform } from './transform.js';

const nothing = { options: {}, parameters: {}, draw: () => ({}) };

export const horizontalFlipDefinition = define('horizontalFlip', { ...nothing, apply: mirror });
export const verticalFlipDefinition = define('verticalFlip', { ...nothing, apply: turnOver });

/**
 * Mirrors the image left to right.
 *
 * @throws PipelineError `augment.invalidOption`
 * @example
 * const half = horizontalFlip({ p: 0.5 });
 */
export const horizontalFlip = (options: Chance = {}): Transform => horizontalFlipDefinition.transform(options);

/**
 * Mirrors the image top to bottom.
 *
 * @throws PipelineError `augment.invalidOption`
 * @example
 * const rarely = verticalFlip({ p: 0.1 });
 */
export const verticalFlip = (options: Chance = {}): Transform => verticalFlipDefinition.transform(options);

function mirror({ data: source, width, height }: RawImage): RawImage {
  const data = new Uint8Array(source.length);
  for (let y = 0; y < height; y++) {
    let from = y * width * 3;
    for (let to = from + (width - 1) * 3; to >= y * width * 3; to -= 3, from += 3) {
      data[to] = source[from] ?? 0;
      data[to + 1] = source[from + 1] ?? 0;
      data[to + 2] = source[from + 2] ?? 0;
    }
  }
  return { data, width, height };
}

function turnOver({ data: source, width, height }: RawImage): RawImage {
  const data = new Uint8Array(source.length);
  const stride = width * 3;
  for (let y = 0; y < height; y++) data.set(source.subarray(y * stride, (y + 1) * stride), (height - 1 - y) * stride);
  return { data, width, height };
}
