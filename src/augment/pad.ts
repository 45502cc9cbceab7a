import type { RawImage, Size } from '../image/index.js';
import { define } from './definition.js';
import { type Chance, type Fill, fill, integer, pixels, white } from './options.js';
import type { Transform } from './transform.js';

const offset = integer(0, 16_384);

export const padDefinition = define('pad', {
  options: { width: pixels, height: pixels, fill: fill.default(white) },
  parameters: { x: offset, y: offset, width: pixels, height: pixels, fill },
  draw(options, _random, size) {
    const width = Math.max(options.width, size.width);
    const height = Math.max(options.height, size.height);
    const x = Math.floor((width - size.width) / 2);
    const y = Math.floor((height - size.height) / 2);
    return { x, y, width, height, fill: options.fill };
  },
  sizeAfter: ({ width, height }) => ({ width, height }),
  apply: pasteOn,
});

/** What the border looks like. */
export interface PadOptions extends Chance {
  /** The colour of the border. @default 255 */
  fill?: Fill;
}

/**
 * Adds a border where the image is smaller than `width` x `height` pixels; the image stays in the middle (rounded to
 * the upper left).
 *
 * @throws PipelineError `augment.invalidOption`
 * @example
 * const safe = [pad(50, 70), randomCrop(50, 70)]; // works on images of any size
 */
export const pad = (width: number, height: number, options: PadOptions = {}): Transform =>
  padDefinition.transform({ width, height, ...options });

interface Canvas extends Size {
  x: number;
  y: number;
  fill: [number, number, number];
}

function pasteOn(image: RawImage, { x, y, width, height, fill }: Canvas): RawImage {
  const data = filled({ width, height }, fill);
  for (let row = 0; row < Math.min(image.height, height - y); row++) {
    const start = row * image.width * 3;
    const copied = Math.min(image.width, width - x) * 3;
    data.set(image.data.subarray(start, start + copied), ((y + row) * width + x) * 3);
  }
  return { data, width, height };
}

function filled({ width, height }: Size, [red, green, blue]: readonly [number, number, number]): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i += 3) {
    data[i] = red;
    data[i + 1] = green;
    data[i + 2] = blue;
  }
  return data;
}
