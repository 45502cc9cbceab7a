import type { RawImage, Size } from '../image/index.js';

/** How an image is moved about its middle; its parts are applied in this order. */
export interface Placement {
  /** A factor; 2 makes everything twice as large. */
  scale: number;
  /** Degrees along x, then along y. */
  shear: readonly [number, number];
  /** Degrees, anticlockwise. */
  rotate: number;
  /** Fractions of the width (to the right) and of the height (down). */
  translate: readonly [number, number];
}

/**
 * Returns the moved image at the same size, interpolated bilinearly, with `fill` where the moved image does not reach.
 */
export function warp(image: RawImage, placement: Placement, fill: readonly [number, number, number]): RawImage {
  const { data: source, width, height } = image;
  const [a, b, c, d, e, f] = backwards(placement, image);
  const data = new Uint8Array(source.length);
  const pixel = (x: number, y: number, channel: number): number =>
    (x < 0 || y < 0 || x >= width || y >= height ? fill[channel] : source[(y * width + x) * 3 + channel]) ?? 0;
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      const sourceX = a * x + b * y + c;
      const sourceY = d * x + e * y + f;
      const left = Math.floor(sourceX);
      const top = Math.floor(sourceY);
      // Weights of 11 bits: two of them and 8 bits of colour fit an int32.
      const right11 = ((sourceX - left) * 2048 + 0.5) | 0;
      const bottom11 = ((sourceY - top) * 2048 + 0.5) | 0;
      const topLeft = (2048 - right11) * (2048 - bottom11);
      const topRight = right11 * (2048 - bottom11);
      const bottomLeft = (2048 - right11) * bottom11;
      const bottomRight = right11 * bottom11;
      const inside = left >= 0 && top >= 0 && left + 1 < width && top + 1 < height;
      const from = (top * width + left) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const at = from + channel;
        const sum = inside
          ? (source[at] ?? 0) * topLeft +
            (source[at + 3] ?? 0) * topRight +
            (source[at + width * 3] ?? 0) * bottomLeft +
            (source[at + width * 3 + 3] ?? 0) * bottomRight
          : pixel(left, top, channel) * topLeft +
            pixel(left + 1, top, channel) * topRight +
            pixel(left, top + 1, channel) * bottomLeft +
            pixel(left + 1, top + 1, channel) * bottomRight;
        data[to + channel] = (sum + 2 ** 21) >> 22;
      }
    }
  }
  return { data, width, height };
}

type Matrix = readonly [number, number, number, number, number, number];

/** `[a, b, c, d, e, f]`: the output's pixel (x, y) is the input at (a x + b y + c, d x + e y + f). */
function backwards({ scale, shear, rotate, translate }: Placement, { width, height }: Size): Matrix {
  const radians = Math.PI / 180;
  const cos = Math.cos(rotate * radians) / scale;
  const sin = Math.sin(rotate * radians) / scale;
  const alongX = Math.tan(shear[0] * radians);
  const alongY = Math.tan(shear[1] * radians);
  const d = sin - alongY * cos;
  const e = cos + alongY * sin;
  const a = cos - alongX * d;
  const b = -sin - alongX * e;
  const middleX = (width - 1) / 2;
  const middleY = (height - 1) / 2;
  const x = middleX + translate[0] * width;
  const y = middleY + translate[1] * height;
  return [a, b, middleX - a * x - b * y, d, e, middleY - d * x - e * y];
}
