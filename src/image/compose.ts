import { decodeImage } from './codec.js';
import { loadSharp } from './sharp.js';

const white = '#ffffff';

/** An encoded image or an SVG, and where its upper left corner lies, in pixels. */
export interface Layer {
  input: Buffer;
  left: number;
  top: number;
}

/** Draws an SVG on white, and encodes it as a JPEG of quality 90. */
export async function svgToJpeg(svg: string): Promise<Buffer> {
  const sharp = await loadSharp();
  return sharp(Buffer.from(svg)).flatten({ background: white }).toColourspace('srgb').jpeg({ quality: 90 }).toBuffer();
}

/**
 * Scales an encoded image to fit into a square of `size` pixels, the rest of which is white; a PNG. Rejects where the
 * image cannot be decoded.
 */
export async function fitSquare(image: Uint8Array, size: number): Promise<Buffer> {
  const { data, width, height } = await decodeImage(image);
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize(size, size, { fit: 'contain', background: white })
    .png()
    .toBuffer();
}

/** Lays images on a white ground of `width` x `height` pixels; a PNG of at most 256 colours. */
export async function composePng(width: number, height: number, layers: readonly Layer[]): Promise<Buffer> {
  const sharp = await loadSharp();
  return sharp({ create: { width, height, channels: 3, background: white } })
    .composite([...layers])
    .png({ palette: true })
    .toBuffer();
}
