import { createHash } from 'node:crypto';

/** What an image is used for: to train, to calibrate the confidences, or to validate; the last two are held out. */
export type Part = 'train' | 'calibration' | 'validation';

/**
 * Decides the part by the image's bytes alone, so it is the same on every machine: about a tenth of the images is for
 * validation, a fiftieth for calibration. About 3% of the products share their image with another product; such twins
 * are in the same part.
 */
export function partOf(image: Uint8Array): Part {
  const hash = createHash('sha256').update(image).digest().readUInt32BE(0);
  if (hash % 10 === 0) return 'validation';
  return hash % 50 === 1 ? 'calibration' : 'train';
}

/**
 * The part of an image that is on a side of a split already: on `train` it is trained on, on `validation` a sixth is to
 * calibrate; of other sides it is left alone.
 */
export function partOnSide(image: Uint8Array, side: unknown): Part | undefined {
  if (side === 'train') return side;
  if (side !== 'validation') return undefined;
  return createHash('sha256').update(image).digest().readUInt32BE(0) % 6 === 1 ? 'calibration' : 'validation';
}
