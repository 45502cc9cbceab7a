import { describe, expect, test } from 'vitest';
import { compareModels, drift, type Scored } from '../../src/curation/index.js';
import { mcnemar } from '../../src/curation/models/mcnemar.js';
import { scoredOf } from './scores.js';

const sure = (label: number, confidence = 0.9) =>
  [0, 1, 2].map((i) => (i === label ? confidence : (1 - confidence) / 2));

const items = ['Summer', 'Summer', 'Winter', 'Fall', undefined].map((season, id) => ({ id, season }));
const first = scoredOf(items, [sure(0), sure(0), sure(0), sure(2), sure(0, 0.6)]);
const second = {
  ...scoredOf(items, [sure(0), sure(1), sure(1, 0.8), sure(2), sure(1)]),
  model: { ...first.model, name: 'other' },
};

describe('compareModels', () => {
  test('says how often they agree, and who is right where they differ', () => {
    const { attributes } = compareModels(first, second);
    expect(attributes).toMatchObject([
      {
        attribute: 'season',
        images: 5,
        agreement: 2 / 5,
        labelled: 4,
        right: { both: 2, first: 1, second: 1, neither: 0 },
        first: 3 / 4,
        second: 3 / 4,
        p: 1,
        classes: [
          { label: 'Summer', images: 2, agreement: 0.5, first: 1, second: 0.5 },
          { label: 'Winter', images: 1, agreement: 0, first: 0, second: 1 },
          { label: 'Fall', images: 1, agreement: 1, first: 1, second: 1 },
        ],
        differ: [
          { item: { id: 1 }, right: 'first', given: 'Summer', first: { label: 'Summer' }, second: { label: 'Winter' } },
          { item: { id: 2 }, right: 'second' },
          { item: { id: 4 }, right: undefined },
        ],
      },
    ]);
  });

  test('takes the same images in any order, and leaves out those that either was trained on', () => {
    const turned = {
      ...scoredOf([...items].reverse(), [sure(1), sure(2), sure(1), sure(1), sure(0)]),
      trainedOn: [false, false, false, false, true],
    };
    const comparison = compareModels({ ...first, trainedOn: items.map(() => false) }, turned);
    expect(comparison.items.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect(comparison.heldOut).toBe(true);
    expect(comparison.attributes[0]?.right).toEqual({ both: 1, first: 1, second: 1, neither: 0 });
  });

  test('of other images, or by other attributes, there is nothing to compare', () => {
    const others = scoredOf([{ id: 7 }, { id: 8 }, { id: 9 }], [sure(0), sure(0), sure(0)]);
    expect(() => compareModels<{ id: number }>(first, others)).toThrow('0 images are in both of what is compared');
    const heels = { ...second, model: { ...second.model, attributes: [{ name: 'heel', labels: ['yes'] }] } };
    expect(() => compareModels(first, heels)).toThrow(
      'The models have no attribute in common: test predicts season; other heel.',
    );
  });
});

test("McNemar's exact test", () => {
  // By R: binom.test(10, 40)$p.value, binom.test(1, 6)$p.value
  expect(mcnemar(10, 30)).toBeCloseTo(0.002221, 5);
  expect(mcnemar(5, 1)).toBeCloseTo(0.21875, 6);
  expect(mcnemar(0, 0)).toBe(1);
  expect(mcnemar(12_000, 12_100)).toBeGreaterThan(0.5);
});

/** Items whose images point in some directions of a plane. */
function pointing(
  angles: readonly number[],
  season: (i: number) => string,
  confidence = 0.9,
): Scored<{ id: number; season: string }> {
  const some = angles.map((_, id) => ({ id, season: season(id) }));
  return {
    ...scoredOf(
      some,
      angles.map(() => sure(0, confidence)),
    ),
    embeddings: Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)])),
  };
}

describe('drift', () => {
  const before = pointing(
    Array.from({ length: 200 }, (_, i) => i / 1000),
    (i) => (i % 2 ? 'Summer' : 'Fall'),
  );

  test('of the same is none', async () => {
    const found = await drift(before, before);
    expect(found.columns).toMatchObject([{ field: 'season', distance: 0 }]);
    expect(found.confidences).toMatchObject([{ field: 'season', distance: 0 }]);
    expect(found.embeddings).toMatchObject({ means: expect.closeTo(1, 6), strange: 0 });
    expect(String(found)).toContain('columns that moved: none');
  });

  test('finds values, confidences and images that there were not before', async () => {
    const after = pointing([0.1, 0.15, 2], () => 'Winter', 0.5);
    const found = await drift(before, after);
    expect(found.columns[0]).toMatchObject({
      field: 'season',
      distance: expect.closeTo(1, 5),
      shares: [{ value: 'Winter', before: 0, after: 1 }, {}, {}],
    });
    expect(found.confidences[0]?.distance).toBeGreaterThan(0.9);
    expect(found.embeddings?.strangest[0]).toMatchObject({
      item: { id: 2 },
      like: { id: 199 },
      similarity: expect.closeTo(Math.cos(1.801), 3),
    });
    expect(String(found)).toContain('columns that moved: season');
  });

  test('of numbers finds those that are above or below all before, be they all the same', async () => {
    const years = (scored: typeof before, year: number) => ({
      ...scored,
      items: scored.items.map((item) => ({ ...item, year })),
    });
    const found = await drift(years(before, 2012), years(before, 2013));
    expect(found.columns[0]).toMatchObject({
      field: 'year',
      distance: expect.closeTo(1, 5),
      shares: [{ value: '2012 to 2012' }, { value: 'above 2012' }],
    });
  });

  test('refuses what two models have scored, and too few images', async () => {
    const other = { ...before, model: { ...before.model, name: 'other', fingerprint: '1' } };
    await expect(drift(before, other)).rejects.toThrow("The two were scored by two models, 'test' and 'other'");
    await expect(
      drift(
        before,
        pointing([1, 2], () => 'Fall'),
      ),
    ).rejects.toThrow('One of the two has 2 images; at least 3');
  });
});
