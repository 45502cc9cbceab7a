import sharp from 'sharp';
import { PipelineError, messageOf } from './errors.js';

/** A decoded image: `data[(y * width + x) * 3 + channel]`, 8 bits a channel, sRGB red, green, blue. */
export interface RawImage {
  data: Uint8Array;
  width: number;
  height: number;
}

/**
 * Decodes a JPEG, PNG, WebP, … to 8-bit RGB. EXIF orientation is applied, CMYK and greyscale are converted, transparency
 * is laid on white.
 *
 * @throws PipelineError `image.unreadable` where the bytes are empty, truncated or no image.
 */
export async function decodeImage(bytes: Uint8Array): Promise<RawImage> {
  if (bytes.length === 0) throw new PipelineError('image.unreadable', 'The image is empty (0 bytes).');
  try {
    const { data, info } = await sharp(bytes, { failOn: 'truncated' })
      .rotate()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data: info.channels === 3 ? data : toRgb(data, info.channels), width: info.width, height: info.height };
  } catch (cause) {
    throw new PipelineError('image.unreadable', `The image cannot be decoded: ${messageOf(cause)}`, { cause });
  }
}

function toRgb(data: Uint8Array, channels: number): Uint8Array {
  const pixels = data.length / channels;
  const rgb = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = data[i * channels + (channels < 3 ? 0 : c)] ?? 0;
  }
  return rgb;
}

/** Encodes as JPEG; `quality` from 1 to 100. */
export function encodeJpeg(image: RawImage, quality = 90): Promise<Buffer> {
  const { data, width, height } = image;
  return sharp(data, { raw: { width, height, channels: 3 } }).jpeg({ quality }).toBuffer();
}
