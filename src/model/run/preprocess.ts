import { resizeImage } from '../../augment/index.js';
import { decodeImage, type RawImage, type Region, type Size, sizeOfImage } from '../../image/index.js';
import type { ModelCard } from '../files/card.js';

/** The input of a model: images of `width` x `height` pixels, each value as `value * scale + offset`. */
export type ModelInput = ModelCard['input'];

/** How many numbers a pixel has. */
export const channelsOf = ({ channels }: ModelInput): number => (channels === 'grey' ? 1 : 3);

/**
 * Decodes an image and brings it to the model's size. Returns `height * width * 3` bytes, RGB, or `height * width`
 * levels of grey. Training and inference both use this.
 *
 * @throws PipelineError `image.unreadable`, `image.tooLarge`.
 */
export async function prepare(bytes: Uint8Array, input: ModelInput): Promise<Uint8Array> {
  const data = await fitted(bytes, input);
  return input.channels === 'grey' ? greyOf(data) : data;
}

async function fitted(bytes: Uint8Array, input: ModelInput): Promise<Uint8Array> {
  const { width, height, fit = 'stretch', fill = 0 } = input;
  if (fit === 'stretch') return (await scaled(bytes, input, undefined, input)).data;
  const size = await sizeOfImage(bytes);
  if (fit === 'crop') return (await scaled(bytes, input, middleOf(size, input), input)).data;
  const image = await scaled(bytes, input, undefined, inside(size, input));
  const data = new Uint8Array(width * height * 3).fill(fill);
  const [left, top] = [Math.floor((width - image.width) / 2), Math.floor((height - image.height) / 2)];
  for (let row = 0; row < image.height; row++) {
    const pixels = image.data.subarray(row * image.width * 3, (row + 1) * image.width * 3);
    data.set(pixels, ((top + row) * width + left) * 3);
  }
  return data;
}

/** A rectangle of an encoded image, or all of it, at a size. */
async function scaled(
  bytes: Uint8Array,
  { filter = 'lanczos' }: ModelInput,
  region: Region | undefined,
  { width, height }: Size,
): Promise<RawImage> {
  const size = { width, height };
  const part = region && { region };
  return filter === 'lanczos'
    ? decodeImage(bytes, { ...part, size })
    : resizeImage(await decodeImage(bytes, part), size, filter);
}

/** The largest rectangle in the middle of an image that has the proportions of another one. */
function middleOf({ width, height }: Size, other: Size): Region {
  const factor = Math.min(width / other.width, height / other.height);
  const cut = { width: atLeastOne(other.width * factor), height: atLeastOne(other.height * factor) };
  return { ...cut, x: Math.floor((width - cut.width) / 2), y: Math.floor((height - cut.height) / 2) };
}

/** The largest size within another one that has the proportions of an image. */
function inside({ width, height }: Size, other: Size): Size {
  const factor = Math.min(other.width / width, other.height / height);
  return { width: atLeastOne(width * factor), height: atLeastOne(height * factor) };
}

const atLeastOne = (pixels: number): number => Math.max(1, Math.round(pixels));

/** The luma of each pixel by ITU-R BT.601, as Pillow's mode L has it. */
function greyOf(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let i = 0, at = 0; i < grey.length; i++, at += 3)
    grey[i] = ((rgb[at] ?? 0) * 19595 + (rgb[at + 1] ?? 0) * 38470 + (rgb[at + 2] ?? 0) * 7471 + 0x8000) >> 16;
  return grey;
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
  if (channels === 'grey') {
    for (let i = 0; i < pixels.length; i++) batch[at + i] = (pixels[i] ?? 0) * factor0 + term0;
    return;
  }
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
