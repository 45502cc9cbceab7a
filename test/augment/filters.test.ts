import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { coarseDropout, gaussianBlur, gaussianNoise, jpegCompression } from '../../src/augment/index.js';
import { decodeImage } from '../../src/image/codec.js';
import { encodeJpeg } from '../../src/image/encode.js';
import { changed, drawn, furthest, mean, picture, pixel, speckled } from './pictures.js';

describe('gaussianBlur', () => {
  it.each([0.5, 1, 4, 30])('of %f pixels keeps the mean, the borders included', async (sigma) => {
    const image = speckled(31, 24);
    const blurred = await changed(image, gaussianBlur({ sigma }));
    expect(Math.abs(mean(blurred.data) - mean(image.data))).toBeLessThan(0.5);
  });

  it('spreads a point as a Gaussian of that sigma', async () => {
    const point = picture(31, 31, (x, y) => (x === 15 && y === 15 ? [255, 255, 255] : [0, 0, 0]));
    const blurred = await changed(point, gaussianBlur({ sigma: 1 }));
    for (const [x, y] of [
      [15, 15],
      [16, 15],
      [15, 13],
      [16, 16],
    ] as const) {
      const expected = (255 / (2 * Math.PI)) * Math.exp(-((x - 15) ** 2 + (y - 15) ** 2) / 2);
      expect(Math.abs((pixel(blurred, x, y)[0] ?? NaN) - expected)).toBeLessThanOrEqual(1);
    }
  });

  it('works on an image smaller than its reach', async () => {
    const blurred = await changed(
      picture(2, 1, (x) => [x * 200, 0, 0]),
      gaussianBlur({ sigma: 20 }),
    );
    expect(pixel(blurred, 0, 0)).toEqual([100, 0, 0]);
    expect(
      (
        await changed(
          picture(1, 1, () => [9, 8, 7]),
          gaussianBlur(),
        )
      ).data,
    ).toEqual(Uint8Array.of(9, 8, 7));
  });
});

describe('gaussianNoise', () => {
  const grey = picture(120, 120, () => [128, 128, 128]);

  it.each([0.01, 0.05, 0.1])(
    'has mean 0 and the asked deviation of %f, and the shape of a normal distribution',
    async (std) => {
      const noise = Array.from(
        (await changed(grey, gaussianNoise({ std }))).data,
        (level) => (level - 128) / (std * 255),
      );
      const deviation = Math.sqrt(mean(noise.map((n) => n * n)));
      expect(Math.abs(mean(noise))).toBeLessThan(0.02);
      expect(Math.abs(deviation - 1)).toBeLessThan(0.03);
      expect(Math.abs(mean(noise.map((n) => n ** 4)) - 3)).toBeLessThan(0.3);
    },
  );

  it('is another for each draw and channel, and the same for the same draw', async () => {
    const noisy = await changed(grey, gaussianNoise(), 1);
    expect(await changed(grey, gaussianNoise(), 1)).toEqual(noisy);
    expect(furthest(await changed(grey, gaussianNoise(), 2), noisy)).toBeGreaterThan(0);
    expect(new Set(pixel(noisy, 3, 3)).size).toBeGreaterThan(1);
  });
});

describe('coarseDropout', () => {
  const recorded = z.array(z.object({ x: z.int(), y: z.int(), width: z.int(), height: z.int() }));

  it('fills the recorded holes and nothing else', async () => {
    const image = speckled(40, 30);
    const transform = coarseDropout({ holes: [2, 4], width: [0.1, 0.3], height: 0.2, fill: [9, 9, 9] });
    for (let seed = 0; seed < 20; seed++) {
      const [applied] = drawn(image, transform, seed);
      const holes = recorded.parse(applied?.holes);
      expect([2, 3, 4]).toContain(holes.length);
      for (const { height, width } of holes) {
        expect(height).toBe(6);
        expect(width).toBeGreaterThanOrEqual(4);
        expect(width).toBeLessThanOrEqual(12);
      }
      const covered = (x: number, y: number) =>
        holes.some((hole) => x >= hole.x && x < hole.x + hole.width && y >= hole.y && y < hole.y + hole.height);
      expect(await changed(image, transform, seed)).toEqual(
        picture(40, 30, (x, y) => (covered(x, y) ? [9, 9, 9] : pixel(image, x, y))),
      );
    }
  });
});

describe('jpegCompression', () => {
  it('is the image after that compression', async () => {
    const image = speckled(24, 16);
    expect((await changed(image, jpegCompression({ quality: 20 }))).data).toEqual(
      (await decodeImage(await encodeJpeg(image, 20))).data,
    );
  });

  it('changes more the lower the quality', async () => {
    const image = picture(24, 16, (x, y) => [x * 10, y * 15, (x * y) % 256]);
    const errors = await Promise.all(
      [95, 50, 5].map(async (quality) => {
        const { data } = await changed(image, jpegCompression({ quality }));
        return mean(data.map((level, i) => Math.abs(level - (image.data[i] ?? NaN))));
      }),
    );
    expect(errors).toEqual([...errors].sort((a, b) => a - b));
    expect(new Set(errors).size).toBe(3);
  });
});
