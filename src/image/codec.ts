import type { Sharp } from 'sharp';
import { messageOf, PipelineError } from '../work/index.js';
import { decodeBmp, sizeOfBmp } from './bmp.js';
import { checkPixels, maxPixels, pixelRoom } from './limits.js';
import { cut, type RawImage, type Region, type Size } from './raw-image.js';
import { isMarkup, reasonOf } from './reasons.js';
import { loadSharp } from './sharp.js';
import { decodeSmallJpeg, decodesWhole, ended, plainSize } from './turbo-jpeg.js';

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
 * converted; transparent pixels become white. An animation is decoded to its first frame. Data behind the end of an
 * image do not matter.
 *
 * @throws PipelineError `image.unreadable` if the bytes are empty, cut off or not an image; `image.tooLarge` for more
 * than 100 megapixels; `image.badRegion`, `image.badSize`.
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
  return bySharp(bytes, async (open) => {
    const { image, inks } = await of8Bits(open);
    if (region) image.extract({ left: region.x, top: region.y, width: region.width, height: region.height });
    if (size) image.resize(size.width, size.height, { fit: 'fill' });
    if (inks) return lightOf(image.pipelineColourspace('cmyk').toColourspace('cmyk'));
    const { data, info } = await image
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  });
}

/** Opens an image for sharp. */
type Open = (options?: { ignoreIcc?: boolean }) => Sharp;

/**
 * An image whose colours sharp converts right. Of one with 16 bits a channel it leaves out the profile where it is
 * grey, and takes it for one of wider colours where not: such an image is first made one of 8 bits with its profile.
 * Inks without a profile mean what they are; sharp would take them for those of a printing press.
 */
async function of8Bits(open: Open): Promise<{ image: Sharp; inks: boolean }> {
  const image = open();
  const { space, hasProfile } = await image.metadata();
  if (!hasProfile || (space !== 'rgb16' && space !== 'grey16')) return { image, inks: space === 'cmyk' && !hasProfile };
  const profiled = open({ ignoreIcc: true })
    .keepIccProfile()
    .toColourspace(space === 'grey16' ? 'b-w' : 'srgb')
    .png({ compressionLevel: 1 });
  const sharp = await loadSharp();
  return { image: sharp(await profiled.toBuffer(), { limitInputPixels: maxPixels }), inks: false };
}

/** The light that four inks leave: each of three takes its own away, and black takes all. */
async function lightOf(inks: Sharp): Promise<RawImage> {
  const { data, info } = await inks.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const light = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const white = 255 - (data[4 * pixel + 3] ?? 0);
    for (let c = 0; c < 3; c++) light[3 * pixel + c] = Math.round(((255 - (data[4 * pixel + c] ?? 0)) * white) / 255);
  }
  return { data: light, width, height };
}

/**
 * Checks that an encoded image decodes, from its first pixel to its last.
 *
 * @throws PipelineError as `decodeImage`.
 */
export async function checkImage(bytes: Uint8Array): Promise<void> {
  // A JPEG is decoded at an eighth of its size in half the time, and all its data are read.
  if (!(await decodeSmallJpeg(bytes))) await decodeImage(bytes, { size: { width: 16, height: 16 } });
}

/**
 * The width and height in pixels that `decodeImage` returns for an encoded image, read from its header alone.
 *
 * @throws PipelineError `image.unreadable`, `image.tooLarge`
 */
export async function sizeOfImage(bytes: Uint8Array): Promise<Size> {
  const size = plainSize(bytes) ?? sizeOfBmp(bytes) ?? (await sizeBySharp(bytes));
  checkPixels(size);
  return size;
}

async function sizeBySharp(bytes: Uint8Array): Promise<Size> {
  if (bytes.length === 0 || isMarkup(bytes)) throw unreadable(bytes, new Error('markup'));
  const sharp = await loadSharp();
  try {
    return (await sharp(bytes, { limitInputPixels: false }).metadata()).autoOrient;
  } catch (cause) {
    throw unreadable(bytes, cause);
  }
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
  if (![width, height].every((value) => Number.isInteger(value) && value >= 1 && value <= 16_384)) {
    throw new PipelineError('image.badSize', `The size is ${width}x${height}; give whole numbers from 1 to 16,384.`, {
      value: { width, height },
    });
  }
  checkPixels({ width, height });
}

const decoding = pixelRoom();

/** So few bytes seldom hold many pixels, and reading the head of a small file takes a part of the time of all of it. */
const fewBytes = 16_384;

async function bySharp(bytes: Uint8Array, read: (open: Open) => Promise<RawImage>): Promise<RawImage> {
  if (bytes.length === 0 || isMarkup(bytes)) throw unreadable(bytes, new Error('markup'));
  const known = bytes.length > fewBytes ? await sizeOfImage(bytes) : plainSize(bytes);
  const pixels = known ? known.width * known.height : 250 * fewBytes;
  return decoding(pixels, async () => {
    const bmp = decodeBmp(bytes);
    const sharp = await loadSharp();
    if (bmp) return read(() => sharp(bmp.data, { raw: { width: bmp.width, height: bmp.height, channels: 3 } }));
    const open = (some: Uint8Array, failOn: 'warning' | 'truncated') =>
      read((options) => sharp(some, { ...options, failOn, autoOrient: true, limitInputPixels: maxPixels }));
    const mended = ended(bytes);
    if (mended) {
      if (!(await decodesWhole(mended))) throw unreadable(bytes, new Error('premature end'));
      return open(mended, 'truncated');
    }
    try {
      return await open(bytes, 'warning');
    } catch (warning) {
      if (/premature end/.test(messageOf(warning))) throw unreadable(bytes, warning);
      // Other warnings do no harm to the pixels.
      return open(bytes, 'truncated').catch(async (cause: unknown) => {
        if (/pixel limit/.test(messageOf(cause))) await sizeOfImage(bytes);
        throw unreadable(bytes, cause);
      });
    }
  });
}

function unreadable(bytes: Uint8Array, cause?: unknown): PipelineError {
  return bytes.length === 0
    ? new PipelineError('image.unreadable', 'The image is empty (0 bytes): fetch it again.')
    : new PipelineError(
        'image.unreadable',
        `The image (${bytes.length} bytes) cannot be decoded: ${reasonOf(bytes, cause)}`,
        { cause },
      );
}
