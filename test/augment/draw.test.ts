import { describe, expect, it } from 'vitest';
import type { Transform } from '../../src/augment/index.js';
import * as augment from '../../src/augment/index.js';
import {
  drawTransforms,
  horizontalFlip,
  oneOf,
  randomCrop,
  resize,
  rotate,
  someOf,
  toGray,
  verticalFlip,
} from '../../src/augment/index.js';
import { randomFrom } from '../../src/work/random.js';

const size = { width: 60, height: 80 };
const draw = (transforms: readonly Transform[], id: number) => drawTransforms(transforms, randomFrom(7, id), size);

/** How often each list of names was drawn in `times` draws. */
function frequencies(transforms: readonly Transform[], times = 4000): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let id = 0; id < times; id++) {
    const names = draw(transforms, id)
      .map(({ name }) => name)
      .join(' ');
    counts[names] = (counts[names] ?? 0) + 1 / times;
  }
  return counts;
}

describe('drawTransforms', () => {
  it.each([0, 0.1, 0.5, 1])('applies a transform with its probability of %f', (p) => {
    expect(frequencies([horizontalFlip({ p })]).horizontalFlip ?? 0).toBeCloseTo(p, 1);
    expect(Math.abs((frequencies([horizontalFlip({ p })]).horizontalFlip ?? 0) - p)).toBeLessThan(0.03);
  });

  it('draws each position independently', () => {
    const counts = frequencies([horizontalFlip({ p: 0.5 }), verticalFlip({ p: 0.5 })]);
    for (const names of ['', 'horizontalFlip', 'verticalFlip', 'horizontalFlip verticalFlip'])
      expect(Math.abs((counts[names] ?? 0) - 0.25)).toBeLessThan(0.03);
  });

  it('keeps what the other positions draw when one changes its probability or its kind', () => {
    const others = (first: Transform) =>
      Array.from({ length: 50 }, (_, id) =>
        draw([first, rotate(), augment.gaussianNoise({ p: 0.5 })], id).filter(
          ({ name }) => name === 'rotate' || name === 'gaussianNoise',
        ),
      );
    const expected = others(horizontalFlip());
    for (const first of [
      horizontalFlip({ p: 0 }),
      horizontalFlip({ p: 0.3 }),
      augment.coarseDropout({ holes: 9 }),
      oneOf([toGray(), verticalFlip()]),
    ]) {
      expect(others(first)).toEqual(expected);
    }
  });

  it('draws the same parameters whatever the probability', () => {
    const [always, sometimes] = [1, 0.4].map((p) => Array.from({ length: 50 }, (_, id) => draw([rotate({ p })], id)));
    sometimes?.forEach((applied, id) => expect([[], always?.[id]]).toContainEqual(applied));
  });

  it('draws for the size that earlier transforms leave', () => {
    for (let id = 0; id < 100; id++) {
      const [, crop] = draw([resize(300, 20), randomCrop(10, 20)], id);
      expect(crop).toMatchObject({ y: 0 });
    }
    expect(
      Math.max(
        ...Array.from({ length: 100 }, (_, id) => Number(draw([resize(300, 20), randomCrop(10, 20)], id)[1]?.x)),
      ),
    ).toBeGreaterThan(200);
    expect(() => draw([augment.compose(randomCrop(20, 20)), randomCrop(30, 30)], 0)).toThrow(/20x20 .*30x30/);
    expect(draw([augment.pad(100, 100), randomCrop(100, 100)], 0)[1]).toMatchObject({ x: 0, y: 0 });
  });
});

describe('groups', () => {
  it('compose goes through all, in order, or none', () => {
    expect(frequencies([augment.compose(toGray(), horizontalFlip(), verticalFlip())])).toEqual({
      'toGray horizontalFlip verticalFlip': expect.closeTo(1),
    });
  });

  it('oneOf takes exactly one, by the weights that the probabilities are', () => {
    const even = frequencies([oneOf([toGray(), horizontalFlip(), verticalFlip()])]);
    for (const name of ['toGray', 'horizontalFlip', 'verticalFlip'])
      expect(Math.abs((even[name] ?? 0) - 1 / 3)).toBeLessThan(0.03);
    const weighed = frequencies([
      oneOf([toGray({ p: 0.1 }), horizontalFlip({ p: 0.3 }), verticalFlip({ p: 0 })], { p: 0.8 }),
    ]);
    expect(Object.keys(weighed).sort()).toEqual(['', 'horizontalFlip', 'toGray']);
    expect(Math.abs((weighed.toGray ?? 0) - 0.2)).toBeLessThan(0.03);
    expect(Math.abs((weighed.horizontalFlip ?? 0) - 0.6)).toBeLessThan(0.03);
  });

  it('someOf takes n different ones, evenly, in the order of the list', () => {
    const pairs = frequencies([someOf(2, [toGray(), horizontalFlip(), verticalFlip()])]);
    expect(Object.keys(pairs).sort()).toEqual([
      'horizontalFlip verticalFlip',
      'toGray horizontalFlip',
      'toGray verticalFlip',
    ]);
    for (const share of Object.values(pairs)) expect(Math.abs(share - 1 / 3)).toBeLessThan(0.03);
  });

  it('someOf gives each its own probability, and all where n is more than there are', () => {
    expect(
      Math.abs((frequencies([someOf(5, [toGray(), verticalFlip({ p: 0.5 })])])['toGray verticalFlip'] ?? 0) - 0.5),
    ).toBeLessThan(0.03);
  });
});
