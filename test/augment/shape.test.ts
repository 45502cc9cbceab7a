import { describe, expect, it } from 'vitest';
import { horizontalFlip, pad, verticalFlip } from '../../src/augment/index.js';
import { changed, pixel, speckled } from './pictures.js';

const image = speckled(5, 4);

describe('flips', () => {
  it('put each pixel at the mirrored place', async () => {
    const across = await changed(image, horizontalFlip());
    const over = await changed(image, verticalFlip());
    for (let y = 0; y < 4; y++) {
      for (let x = 0; x < 5; x++) {
        expect(pixel(across, 4 - x, y)).toEqual(pixel(image, x, y));
        expect(pixel(over, x, 3 - y)).toEqual(pixel(image, x, y));
      }
    }
  });

  it('done twice give the image back', async () => {
    for (const flip of [horizontalFlip(), verticalFlip()])
      expect(await changed(await changed(image, flip), flip)).toEqual(image);
  });

  it('leave the given image as it was', async () => {
    const before = image.data.slice();
    await changed(image, horizontalFlip());
    expect(image.data).toEqual(before);
  });
});

describe('pad', () => {
  it('puts the image in the middle of a border', async () => {
    const padded = await changed(image, pad(9, 7, { fill: [1, 2, 3] }));
    expect([padded.width, padded.height]).toEqual([9, 7]);
    for (let y = 0; y < 7; y++) {
      for (let x = 0; x < 9; x++) {
        const inside = x >= 2 && x < 7 && y >= 1 && y < 5;
        expect(pixel(padded, x, y)).toEqual(inside ? pixel(image, x - 2, y - 1) : [1, 2, 3]);
      }
    }
  });

  it('is white by default and only widens what is too small', async () => {
    const padded = await changed(image, pad(3, 6));
    expect([padded.width, padded.height]).toEqual([5, 6]);
    expect(pixel(padded, 0, 0)).toEqual([255, 255, 255]);
    expect(await changed(image, pad(2, 2))).toEqual(image);
  });
});
