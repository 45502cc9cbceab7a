import type { Sharp } from 'sharp';
import { messageOf, PipelineError } from '../work/index.js';
import { cut, type RawImage, type Region, type Size } from './raw-image.js';
import { loadSharp } from './sharp.js';
import { decodeSmallJpeg, encodeSmallJpeg, plainSize } from './turbo-jpeg.js';

/**
 * Which part of an image is decoded, and at what size. To decode a small region of a photograph, or the photograph at a
 * small size, takes a third of the time of decoding all of it.
 */
export interface DecodeOptions {
  /** Decode this rectangle only; it must lie within the upright image. */
  region?: Region;
  /** Stretch the result to this width and height, from 1 to 16,384 pixels. */
  size?: Size;
}

/**
 * Decodes a JPEG, PNG, WebP, … to 8-bit RGB. EXIF orientation is applied; CMYK, greyscale and 16 bits a channel are
 * converted; transparent pixels become white. An animation is decoded to its first frame.
 *
 * @throws PipelineError `image.unreadable` if the bytes are empty, truncated, not an image, or an image of over 268
 * megapixels; `image.badRegion`, `image.badSize`.
 *
 * @example
 * const { data, width, height } = await decodeImage(await readFile('15970.jpg'));
 */
export async function decodeImage(bytes: Uint8Array, { region, size }: DecodeOptions = {}): Promise<RawImage> {
  const small = await decodeSmallJpeg(bytes);
  if (region) checkRegion(region, small ?? (await sizeOfImage(bytes)));
  if (size) checkSize(size);
  if (small && (!size || (small.width === size.width && small.height === size.height)))
    return region ? cut(small, region) : small;
  return bySharp(bytes, async (image) => {
    if (region) image.extract({ left: region.x, top: region.y, width: region.width, height: region.height });
    if (size) image.resize(size.width, size.height, { fit: 'fill' });
    const { data, info } = await image
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  });
}

/**
 * The width and height in pixels that `decodeImage` returns for an encoded image, read from its header alone.
 *
 * @throws PipelineError `image.unreadable`
 */
export async function sizeOfImage(bytes: Uint8Array): Promise<Size> {
  return plainSize(bytes) ?? bySharp(bytes, async (image) => (await image.metadata()).autoOrient);
}

function checkRegion({ x, y, width, height }: Region, image: Size): void {
  const whole = [x, y, width, height].every((value) => Number.isInteger(value));
  if (whole && x >= 0 && y >= 0 && width >= 1 && height >= 1 && x + width <= image.width && y + height <= image.height)
    return;
  const message =
    `The region of ${width}x${height} at (${x}, ${y}) does not lie within the image, which has ` +
    `${image.width}x${image.height} pixels.`;
  throw new PipelineError('image.badRegion', message, { value: { x, y, width, height } });
}

function checkSize({ width, height }: Size): void {
  if ([width, height].every((value) => Number.isInteger(value) && value >= 1 && value <= 16_384)) return;
  throw new PipelineError('image.badSize', `The size is ${width}x${height}; give whole numbers from 1 to 16,384.`, {
    value: { width, height },
  });
}

async function bySharp<T>(bytes: Uint8Array, read: (image: Sharp) => Promise<T>): Promise<T> {
  if (bytes.length === 0) throw new PipelineError('image.unreadable', 'The image is empty (0 bytes): fetch it again.');
  const sharp = await loadSharp();
  try {
    return await read(sharp(bytes, { failOn: 'truncated', autoOrient: true }));
  } catch (cause) {
    const [reason] = messageOf(cause).split('\n');
    const message = `The image (${bytes.length} bytes) cannot be decoded: ${reason}. Fetch it again, or leave it out.`;
    throw new PipelineError('image.unreadable', message, { cause });
  }
}

/**
 * Encodes an image as JPEG; `quality` from 1 to 100.
 *
 * @throws PipelineError `image.badQuality`
 *
 * @example
 * const image = await decodeImage(await readFile('15970.jpg'), { size: { width: 30, height: 40 } });
 * await writeFile('small.jpg', await encodeJpeg(image, 80));
 */
export async function encodeJpeg(image: RawImage, quality = 90): Promise<Buffer> {
  if (!Number.isInteger(quality) || quality < 1 || quality > 100) {
    throw new PipelineError('image.badQuality', `The JPEG quality is ${quality}; give a whole number from 1 to 100.`, {
      value: quality,
    });
  }
  return (await encodeSmallJpeg(image, quality)) ?? encodeWithSharp(image, quality);
}

async function encodeWithSharp({ data, width, height }: RawImage, quality: number): Promise<Buffer> {
  const sharp = await loadSharp();
  // Huffman tables computed for each image save 8% of the bytes and cost 40% of the speed.
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, optimiseCoding: false })
    .toBuffer();
}
