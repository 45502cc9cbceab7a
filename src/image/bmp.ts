import type { RawImage, Size } from './raw-image.js';

/** A plain BMP: no compression, and 24 or 32 bits a pixel. */
interface Bmp extends Size {
  pixels: number;
  bytes: number;
  upsideDown: boolean;
}

/**
 * Reads the head of a plain BMP; undefined for any other file.
 *
 * @see https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapinfoheader
 */
function headOf(file: Uint8Array): Bmp | undefined {
  if (file.length < 54 || file[0] !== 0x42 || file[1] !== 0x4d) return undefined;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const [pixels, width, height] = [view.getUint32(10, true), view.getInt32(18, true), view.getInt32(22, true)];
  const [bits, compression] = [view.getUint16(28, true), view.getUint32(30, true)];
  const plain = view.getUint32(14, true) >= 40 && (bits === 24 || bits === 32) && compression === 0;
  if (!plain || width < 1 || height === 0) return undefined;
  return { width, height: Math.abs(height), pixels, bytes: bits / 8, upsideDown: height > 0 };
}

/** The size of a plain BMP in pixels; undefined for any other file. */
export function sizeOfBmp(file: Uint8Array): Size | undefined {
  const head = headOf(file);
  return head && { width: head.width, height: head.height };
}

/** Decodes a plain BMP, whose rows begin at multiples of four bytes; undefined for another file or a cut one. */
export function decodeBmp(file: Uint8Array): RawImage | undefined {
  const head = headOf(file);
  if (head === undefined) return undefined;
  const { width, height, pixels, bytes, upsideDown } = head;
  const stride = Math.ceil((width * bytes) / 4) * 4;
  if (pixels + stride * height > file.length) return undefined;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    let from = pixels + (upsideDown ? height - 1 - y : y) * stride;
    for (let x = 0; x < width; x++, from += bytes, to += 3) {
      data[to] = file[from + 2] ?? 0;
      data[to + 1] = file[from + 1] ?? 0;
      data[to + 2] = file[from] ?? 0;
    }
  }
  return { data, width, height };
}
