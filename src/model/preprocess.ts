import { decodeImage } from '../image.js';
import type { ModelCard } from './card.js';

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

/** Writes prepared pixels as the model's floats into `batch`, from index `at` on: pixel by pixel, the channels in the model's order. */
export function normalise(pixels: Uint8Array, { scale, offset, channels }: ModelInput, batch: Float32Array, at: number): void {
  for (let channel = 0; channel < 3; channel++) {
    const factor = typeof scale === 'number' ? scale : (scale[channel] ?? 0);
    const term = typeof offset === 'number' ? offset : (offset[channel] ?? 0);
    const shift = channels === 'bgr' ? 2 - 2 * channel : 0;
    for (let i = channel; i < pixels.length; i += 3) batch[at + i] = (pixels[i + shift] ?? 0) * factor + term;
  }
}
