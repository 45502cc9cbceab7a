/**
 * A decoded image: `data[(y * width + x) * 3 + channel]`, 8 bits a channel, sRGB, in the order red, green, blue. Width
 * and height are pixels.
 */
export interface RawImage {
  data: Uint8Array;
  width: number;
  height: number;
}

/** A width and a height, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle of an image: its upper left corner and its size, in pixels. */
export interface Region extends Size {
  readonly x: number;
  readonly y: number;
}

/** Copies a rectangle out of an image; the rectangle must lie within it. */
export function cut(image: RawImage, { x, y, width, height }: Region): RawImage {
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = ((y + row) * image.width + x) * 3;
    data.set(image.data.subarray(start, start + width * 3), row * width * 3);
  }
  return { data, width, height };
}
