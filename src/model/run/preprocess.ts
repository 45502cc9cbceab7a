import { decodeImage } from '../../image/index.js';
import type { ModelCard } from '../files/card.js';

/** The input of a model: images of `width` x `height` pixels, each value as `value * scale + offset`. */
export type ModelInput = ModelCard['input'];

/**
 * Decodes an image and stretches it to the model's size. Returns `height * width * 3` bytes, RGB. Training and
 * inference both use this.
 *
 * @throws PipelineError `image.unreadable`.
 */
export async function prepare(bytes: Uint8Array, { width, height }: ModelInput): Promise<Uint8Array> {
  return (await decodeImage(bytes, { size: { width, height } })).data;
}

/**
 * Writes prepared pixels into `batch`, from index `at` on, as the floats that the model takes: pixel by pixel, with the
 * channels in the model's order.
 */
export function normalise(
  pixels: Uint8Array,
  { scale, offset, channels }: ModelInput,
  batch: Float32Array,
  at: number,
): void {
  const [factor0 = 0, factor1 = 0, factor2 = 0] = eachChannel(scale);
  const [term0 = 0, term1 = 0, term2 = 0] = eachChannel(offset);
  const first = channels === 'bgr' ? 2 : 0;
  // All channels in one loop: one loop for each takes half as long again.
  for (let i = 0; i < pixels.length; i += 3, at += 3) {
    batch[at] = (pixels[i + first] ?? 0) * factor0 + term0;
    batch[at + 1] = (pixels[i + 1] ?? 0) * factor1 + term1;
    batch[at + 2] = (pixels[i + 2 - first] ?? 0) * factor2 + term2;
  }
}

const eachChannel = (value: number | readonly number[]): readonly number[] =>
  typeof value === 'number' ? [value, value, value] : value;
