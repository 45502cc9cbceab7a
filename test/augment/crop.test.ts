import { describe, expect, it } from 'vitest';
import { applyTransforms, centerCrop, randomCrop } from '../../src/augment/index.js';
import { changed, drawn, pixel, speckled } from './pictures.js';

const image = speckled(9, 11);

describe('randomCrop', () => {
  it('is the rectangle of the image at the recorded place', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const [applied] = drawn(image, randomCrop(4, 5), seed);
      const [x, y] = [Number(applied?.x), Number(applied?.y)];
      const cut = await changed(image, randomCrop(4, 5), seed);
      expect([cut.width, cut.height, cut.data.length]).toEqual([4, 5, 60]);
      for (let row = 0; row < 5; row++)
        for (let column = 0; column < 4; column++)
          expect(pixel(cut, column, row)).toEqual(pixel(image, x + column, y + row));
    }
  });

  it('reaches every place, the last ones included, evenly', () => {
    const places = new Map<string, number>();
    for (let seed = 0; seed < 4200; seed++) {
      const [applied] = drawn(image, randomCrop(4, 5), seed);
      const place = `${applied?.x},${applied?.y}`;
      places.set(place, (places.get(place) ?? 0) + 1);
    }
    expect(places.size).toBe(6 * 7);
    expect([places.has('0,0'), places.has('5,6')]).toEqual([true, true]);
    for (const times of places.values()) expect(Math.abs(times - 100)).toBeLessThan(45);
  });

  it('of the size of the image is the image', async () => {
    expect(await changed(image, randomCrop(9, 11))).toEqual(image);
  });

  it('larger than the image fails, naming both sizes and the remedy, when drawn and when replayed', async () => {
    const failure = { code: 'augment.imageTooSmall', message: expect.stringMatching(/9x11 .*50x70.*pad or resize/) };
    expect(() => drawn(image, randomCrop(50, 70))).toThrow(expect.objectContaining(failure));
    expect(() => drawn(image, centerCrop(50, 70))).toThrow(expect.objectContaining(failure));
    await expect(
      applyTransforms(image, [{ name: 'randomCrop', x: 0, y: 0, width: 50, height: 70 }]),
    ).rejects.toMatchObject(failure);
  });
});

describe('centerCrop', () => {
  it('leaves as much on either side', async () => {
    const cut = await changed(image, centerCrop(5, 3));
    expect(pixel(cut, 0, 0)).toEqual(pixel(image, 2, 4));
    expect(pixel(cut, 4, 2)).toEqual(pixel(image, 6, 6));
  });
});
