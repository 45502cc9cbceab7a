import { describe, expect, it } from 'vitest';
import { affine, applyTransforms, rotate } from '../../src/augment/index.js';
import { changed, drawn, furthest, picture, pixel, speckled } from './pictures.js';

const square = speckled(9, 9);
const turned = (image: typeof square, angle: number) => changed(image, rotate({ limit: [angle, angle], fill: 0 }));

describe('rotate', () => {
  it('by 90 degrees is exact, anticlockwise', async () => {
    const quarter = await turned(square, 90);
    for (let y = 0; y < 9; y++)
      for (let x = 0; x < 9; x++) expect(pixel(quarter, y, 8 - x)).toEqual(pixel(square, x, y));
  });

  it('by 180 degrees turns an oblong image round exactly', async () => {
    const oblong = speckled(6, 8);
    const half = await turned(oblong, 180);
    for (let y = 0; y < 8; y++)
      for (let x = 0; x < 6; x++) expect(pixel(half, 5 - x, 7 - y)).toEqual(pixel(oblong, x, y));
  });

  it('by 0 and by 360 degrees is the image', async () => {
    expect(await turned(square, 0)).toEqual(square);
    expect(await turned(square, 360)).toEqual(square);
  });

  it('fills the corners that come free', async () => {
    const image = await changed(
      picture(20, 20, () => [5, 6, 7]),
      rotate({ limit: [45, 45] }),
    );
    expect(pixel(image, 0, 0)).toEqual([255, 255, 255]);
    expect(pixel(image, 10, 10)).toEqual([5, 6, 7]);
  });

  it('draws angles over the whole range', () => {
    const angles = Array.from({ length: 500 }, (_, seed) =>
      Number(drawn(square, rotate({ limit: 30 }), seed)[0]?.angle),
    );
    expect(Math.min(...angles)).toBeGreaterThanOrEqual(-30);
    expect(Math.max(...angles)).toBeLessThanOrEqual(30);
    expect(Math.max(...angles) - Math.min(...angles)).toBeGreaterThan(58);
  });
});

describe('affine', () => {
  const still = { scale: 1, translate: [0, 0], rotate: 0, shear: [0, 0], fill: [0, 0, 0] };
  const moved = (change: object, image = square) => applyTransforms(image, [{ name: 'affine', ...still, ...change }]);

  it('without options leaves the image as it is', async () => {
    expect(await changed(square, affine())).toEqual(square);
  });

  it('translates by fractions of the size, to the right and down', async () => {
    const image = await moved({ translate: [1 / 9, 2 / 9] });
    for (let y = 2; y < 9; y++)
      for (let x = 1; x < 9; x++) expect(pixel(image, x, y)).toEqual(pixel(square, x - 1, y - 2));
    expect(pixel(image, 0, 5)).toEqual([0, 0, 0]);
  });

  it('scales about the middle', async () => {
    const image = await moved({ scale: 2 });
    for (const [x, y] of [
      [4, 4],
      [0, 0],
      [8, 2],
    ] as const)
      expect(pixel(image, x, y)).toEqual(pixel(square, 4 + (x - 4) / 2, 4 + (y - 4) / 2));
    const small = await moved({ scale: 0.5 });
    expect(pixel(small, 3, 5)).toEqual(pixel(square, 2, 6));
    expect(pixel(small, 0, 0)).toEqual([0, 0, 0]);
  });

  it('shears rows along x by the tangent of the angle, columns along y', async () => {
    const alongX = await moved({ shear: [45, 0] });
    expect(pixel(alongX, 5, 5)).toEqual(pixel(square, 4, 5));
    expect(pixel(alongX, 2, 2)).toEqual(pixel(square, 4, 2));
    const alongY = await moved({ shear: [0, 45] });
    expect(pixel(alongY, 5, 5)).toEqual(pixel(square, 5, 4));
  });

  it('applies scale, shear, rotation and translation in this order', async () => {
    const smooth = picture(41, 41, (x, y) => [x * 6, y * 6, 0]);
    const together = await moved({ scale: 0.5, shear: [20, 10], rotate: 30, translate: [0.05, -0.05] }, smooth);
    const onePixel = { x: 24, y: 14 };
    // Forwards, by hand: the input (24, 14) is (4, -6) from the middle; its place is then worked out step by step.
    let [x, y] = [(onePixel.x - 20) * 0.5, (onePixel.y - 20) * 0.5];
    x += Math.tan(Math.PI / 9) * y;
    y += Math.tan(Math.PI / 18) * x;
    const [cos, sin] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
    [x, y] = [cos * x + sin * y, -sin * x + cos * y];
    const [atX, atY] = [20 + x + 0.05 * 41, 20 + y - 0.05 * 41];
    // A linear image: interpolating at a fractional place gives back the colour there.
    const near = (dx: number, dy: number) => pixel(together, Math.floor(atX) + dx, Math.floor(atY) + dy);
    const [u, v] = [atX % 1, atY % 1];
    const blend = [0, 1].map(
      (c) =>
        (near(0, 0)[c] ?? NaN) * (1 - u) * (1 - v) +
        (near(1, 0)[c] ?? NaN) * u * (1 - v) +
        (near(0, 1)[c] ?? NaN) * (1 - u) * v +
        (near(1, 1)[c] ?? NaN) * u * v,
    );
    expect(Math.abs((blend[0] ?? NaN) - onePixel.x * 6)).toBeLessThan(1);
    expect(Math.abs((blend[1] ?? NaN) - onePixel.y * 6)).toBeLessThan(1);
  });

  it('with rotate alone does what rotate does', async () => {
    expect(furthest(await moved({ rotate: 33 }), await turned(square, 33))).toBe(0);
  });
});
