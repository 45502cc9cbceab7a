import { decodeImage } from '../../image/index.js';
import type { ModelCard } from '../files/card.js';

/** What a model's input takes: images of `width` x `height`, each value as `value * scale + offset`. */
export type ModelInput = ModelCard['input'];

/**
 * Decodes an image and brings it to the model's size; one of another size is stretched to it. Gives RGB bytes,
 * `height * width * 3` of them. Training and inference both come through here.
 *
 * @throws PipelineError `image.unreadable`.
 */
export async function prepare(bytes: Uint8Array, { width, height }: ModelInput): Promise<Uint8Array> {
  return (await decodeImage(bytes, { size: { width, height } })).data;
}

/**
 * Writes prepared pixels as the model's floats into `batch`, from index `at` on: pixel by pixel, the channels in the
 * model's order.
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
  // In one go: channel by channel takes half as long again.
  for (let i = 0; i < pixels.length; i += 3, at += 3) {
    batch[at] = (pixels[i + first] ?? 0) * factor0 + term0;
    batch[at + 1] = (pixels[i + 1] ?? 0) * factor1 + term1;
    batch[at + 2] = (pixels[i + 2 - first] ?? 0) * factor2 + term2;
  }
}

const eachChannel = (value: number | readonly number[]): readonly number[] =>
  typeof value === 'number' ? [value, value, value] : value;
