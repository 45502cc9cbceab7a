import { applyTransforms, drawTransforms } from '../../src/augment/draw.js';
import type { Applied, Transform } from '../../src/augment/transform.js';
import type { RawImage } from '../../src/image/raw-image.js';
import { randomFrom } from '../../src/work/random.js';

/** An image whose pixel at (x, y) is what the function says. */
export function picture(
  width: number,
  height: number,
  colour: (x: number, y: number) => [number, number, number],
): RawImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(colour(x, y), (y * width + x) * 3);
  return { data, width, height };
}

/** Every pixel different from its neighbours, the same on every run. */
export function speckled(width: number, height: number): RawImage {
  const random = randomFrom('speckled', width, height);
  const level = () => Math.floor(random() * 256);
  return picture(width, height, () => [level(), level(), level()]);
}

export function pixel({ data, width }: RawImage, x: number, y: number): [number, number, number] {
  const at = (y * width + x) * 3;
  return [data[at] ?? NaN, data[at + 1] ?? NaN, data[at + 2] ?? NaN];
}

/** The image after one transform, with the parameters that the seed draws. */
export const changed = (image: RawImage, transform: Transform, seed = 0): Promise<RawImage> =>
  applyTransforms(image, drawn(image, transform, seed));

export const drawn = (image: { width: number; height: number }, transform: Transform, seed = 0): Applied[] =>
  drawTransforms([transform], randomFrom(seed), image);

export const mean = (values: Iterable<number>): number => {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    sum += value;
    count++;
  }
  return sum / count;
};

/** The largest difference of two images of one size, in levels. */
export const furthest = (a: RawImage, b: RawImage): number =>
  a.data.reduce((most, level, i) => Math.max(most, Math.abs(level - (b.data[i] ?? NaN))), 0);
