import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type Kernel, resize, resizeImage } from '../../src/augment/index.js';
import type { RawImage } from '../../src/image/raw-image.js';
import { changed, furthest, mean, picture, pixel, speckled } from './pictures.js';

const sizes: [number, number][] = [
  [256, 256],
  [30, 40],
  [7, 5],
  [60, 20],
  [1, 1],
  [61, 79],
];

/** Written straight from the definition, in floating point: every output pixel from all pixels of the image. */
function byDefinition(image: RawImage, width: number, height: number): RawImage {
  const weightsAlong = (inputs: number, outputs: number, at: number) => {
    const reach = Math.max(1, inputs / outputs);
    const weights = Array.from({ length: inputs }, (_, i) =>
      Math.max(0, 1 - Math.abs(i + 0.5 - ((at + 0.5) * inputs) / outputs) / reach),
    );
    const sum = weights.reduce((a, b) => a + b);
    return weights.map((weight) => weight / sum);
  };
  const across = Array.from({ length: width }, (_, x) => weightsAlong(image.width, width, x));
  const down = Array.from({ length: height }, (_, y) => weightsAlong(image.height, height, y));
  return picture(width, height, (x, y) => {
    const sum: [number, number, number] = [0, 0, 0];
    down[y]?.forEach((v, row) =>
      across[x]?.forEach((h, column) => {
        if (v * h > 0) pixel(image, column, row).forEach((level, c) => (sum[c] = (sum[c] ?? 0) + level * v * h));
      }),
    );
    return [Math.round(sum[0]), Math.round(sum[1]), Math.round(sum[2])];
  });
}

describe('resize', () => {
  it.each(sizes)('to %ix%i is what the definition of an antialiased bilinear kernel gives', async (width, height) => {
    const image = speckled(20, 24);
    const resized = await changed(image, resize(width, height));
    expect([resized.width, resized.height]).toEqual([width, height]);
    const expected = byDefinition(image, width, height);
    expect(furthest(resized, expected)).toBeLessThanOrEqual(1);
    // Rounded, not cut off: no darker on the whole.
    expect(Math.abs(mean(resized.data) - mean(expected.data))).toBeLessThan(0.4);
  });

  it('enlarges a gradient as libvips does', async () => {
    const image = picture(50, 70, (x, y) => [x * 5, y * 3, x + y]);
    const { data } = await sharp(image.data, { raw: { width: 50, height: 70, channels: 3 } })
      .resize(256, 256, { fit: 'fill', kernel: 'linear' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(furthest(await changed(image, resize(256, 256)), { data, width: 256, height: 256 })).toBeLessThanOrEqual(2);
  });

  it.each<Kernel>(['nearest', 'bilinear', 'bicubic'])(
    'with the %s kernel leaves a constant image constant',
    async (kernel) => {
      const image = picture(6, 8, () => [0, 128, 255]);
      for (const [width, height] of sizes) {
        expect(
          furthest(
            resizeImage(image, { width, height }, kernel),
            picture(width, height, () => [0, 128, 255]),
          ),
        ).toBe(0);
      }
    },
  );

  it('with the nearest kernel repeats pixels', async () => {
    const image = speckled(3, 2);
    const tripled = await changed(image, resize(9, 6, { kernel: 'nearest' }));
    for (let y = 0; y < 6; y++)
      for (let x = 0; x < 9; x++)
        expect(pixel(tripled, x, y)).toEqual(pixel(image, Math.floor(x / 3), Math.floor(y / 3)));
  });

  it('with the bicubic kernel overshoots at an edge, within the range of a byte', async () => {
    const edge = picture(8, 1, (x) => (x < 4 ? [10, 0, 60] : [245, 255, 200]));
    const { data } = await changed(edge, resize(64, 1, { kernel: 'bicubic' }));
    const blue = data.filter((_, i) => i % 3 === 2);
    expect(Math.min(...blue)).toBeLessThan(60);
    expect(Math.max(...blue)).toBeGreaterThan(200);
    const green = data.filter((_, i) => i % 3 === 1);
    expect([Math.min(...green), Math.max(...green)]).toEqual([0, 255]);
    expect(mean(green)).toBeCloseTo(127.5, 0);
  });

  it('does not mind where in memory the pixels begin', async () => {
    const image = speckled(8, 6);
    const memory = new Uint8Array(image.data.length + 1);
    memory.set(image.data, 1);
    for (const data of [memory.subarray(1), Buffer.from(memory.buffer, 1)]) {
      expect(await changed({ ...image, data }, resize(8, 20))).toEqual(await changed(image, resize(8, 20)));
    }
  });

  it('to the same size is the image', async () => {
    const image = speckled(6, 8);
    expect(await changed(image, resize(6, 8))).toEqual(image);
  });
});
