import { describe, expect, it } from 'vitest';
import { applyTransforms, brightnessContrast, hueSaturation, toGray } from '../../src/augment/index.js';
import { changed, drawn, picture, pixel, speckled } from './pictures.js';

const one = (red: number, green: number, blue: number) => picture(1, 1, () => [red, green, blue]);
const colours = async (image: ReturnType<typeof one>, applied: { name: string; [parameter: string]: unknown }) =>
  pixel(await applyTransforms(image, [applied]), 0, 0);

describe('brightnessContrast', () => {
  it('stretches the levels, then adds, and stays within a byte', async () => {
    expect(await colours(one(0, 100, 250), { name: 'brightnessContrast', brightness: 0.1, contrast: 0.5 })).toEqual([
      26, 176, 255,
    ]);
    expect(await colours(one(0, 100, 250), { name: 'brightnessContrast', brightness: -0.2, contrast: 0 })).toEqual([
      0, 49, 199,
    ]);
  });

  it('takes one number as that far to either side, and a pair as it is', () => {
    expect(brightnessContrast({ brightness: 0.1, contrast: [0, 0.3] })).toEqual({
      name: 'brightnessContrast',
      brightness: [-0.1, 0.1],
      contrast: [0, 0.3],
    });
    for (let seed = 0; seed < 50; seed++) {
      const [applied] = drawn(one(0, 0, 0), brightnessContrast({ brightness: 0.1, contrast: [0.2, 0.3] }), seed);
      expect(Math.abs(Number(applied?.brightness))).toBeLessThanOrEqual(0.1);
      expect(applied?.contrast).toBeGreaterThanOrEqual(0.2);
      expect(applied?.contrast).toBeLessThanOrEqual(0.3);
    }
  });
});

describe('hueSaturation', () => {
  it('gives the colours that CSS prescribes', async () => {
    // hue-rotate(90deg) and hue-rotate(180deg) of #c86432; saturate(0) is the luminance.
    expect(await colours(one(200, 100, 50), { name: 'hueSaturation', hue: 90, saturation: 0 })).toEqual([50, 146, 35]);
    expect(await colours(one(200, 100, 50), { name: 'hueSaturation', hue: 180, saturation: 0 })).toEqual([
      35, 135, 185,
    ]);
    expect(await colours(one(200, 100, 50), { name: 'hueSaturation', hue: 0, saturation: -1 })).toEqual([
      118, 118, 118,
    ]);
  });

  it('leaves greys as they are', async () => {
    const greys = picture(16, 16, (x, y) => [x * 16 + y, x * 16 + y, x * 16 + y]);
    for (let seed = 0; seed < 20; seed++)
      expect(await changed(greys, hueSaturation({ hue: 180, saturation: 1 }), seed)).toEqual(greys);
  });

  it('with no change is the image', async () => {
    const image = speckled(8, 8);
    expect(await changed(image, hueSaturation({ hue: 0, saturation: 0 }))).toEqual(image);
  });
});

describe('toGray', () => {
  it('is the luma in all three channels', async () => {
    expect(await colours(one(255, 0, 0), { name: 'toGray' })).toEqual([76, 76, 76]);
    expect(await colours(one(0, 255, 0), { name: 'toGray' })).toEqual([150, 150, 150]);
    expect(await colours(one(200, 100, 50), { name: 'toGray' })).toEqual([124, 124, 124]);
    expect(
      await changed(
        picture(2, 2, () => [255, 255, 255]),
        toGray(),
      ),
    ).toEqual(picture(2, 2, () => [255, 255, 255]));
  });
});
