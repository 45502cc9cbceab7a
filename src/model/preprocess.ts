import sharp from 'sharp';
import { decodeImage } from '../image.js';

/** What a model's input takes: RGB images of `width` x `height`, each value as `value * scale + offset`. */
export interface ModelInput {
  width: number;
  height: number;
  scale: number;
  offset: number;
}

/**
 * Decodes an image and brings it to the model's size; one of another size is stretched to it. Gives RGB bytes,
 * `height * width * 3` of them. Training and inference both come through here.
 *
 * @throws PipelineError `image.unreadable`.
 */
export async function prepare(bytes: Uint8Array, input: ModelInput): Promise<Uint8Array> {
  const { data, width, height } = await decodeImage(bytes);
  if (width === input.width && height === input.height) return data;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize(input.width, input.height, { fit: 'fill' })
    .raw()
    .toBuffer();
}

/** Writes prepared pixels as the model's floats into `batch`, from index `at` on. */
export function normalise(pixels: Uint8Array, { scale, offset }: ModelInput, batch: Float32Array, at: number): void {
  for (let i = 0; i < pixels.length; i++) batch[at + i] = (pixels[i] ?? 0) * scale + offset;
}
