import { decodeImage, encodeJpeg } from '../image/index.js';
import { randomInteger } from '../work/index.js';
import { define } from './definition.js';
import { type Chance, integer, type Range, range } from './options.js';
import type { Transform } from './transform.js';

export const jpegCompressionDefinition = define('jpegCompression', {
  options: { quality: range({ one: 'single', low: 1, high: 100, whole: true }).default([50, 95]) },
  parameters: { quality: integer(1, 100) },
  draw: ({ quality }, random) => ({ quality: randomInteger(random, ...quality) }),
  apply: async (image, { quality }) => decodeImage(await encodeJpeg(image, quality)),
});

/** How much an image is compressed. */
export interface JpegCompressionOptions extends Chance {
  /** Whole numbers from 1 (worst) to 100; one number is that exact quality. @default [50, 95] */
  quality?: Range;
}

/**
 * Encodes the image as a JPEG of this quality and decodes it again, which leaves the artefacts of compression.
 *
 * @throws PipelineError `augment.invalidOption`
 * @example
 * const shabby = jpegCompression({ quality: [10, 40] });
 */
export const jpegCompression = (options: JpegCompressionOptions = {}): Transform =>
  jpegCompressionDefinition.transform(options);
