import { describe, expect, it } from 'vitest';
import { type Embedded, nearDuplicates, similar } from '../../src/curation/index.js';
import { randomFrom } from '../../src/work/random.js';

/** Items at these angles of the unit circle, in degrees. */
const circle = (...degrees: number[]): Embedded => ({
  items: degrees.map((_, i) => ({ id: 100 + i })),
  embeddings: Float32Array.from(
    degrees.flatMap((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]),
  ),
  dimensions: 2,
});

describe('similar', () => {
  it('gives the most similar first and leaves out the item itself', () => {
    const found = similar(circle(0, 90, 10, -30), 100, { limit: 2 });
    expect(found.map(({ item }) => item.id)).toEqual([102, 103]);
    expect(found[0]?.similarity).toBeCloseTo(Math.cos(Math.PI / 18), 6);
  });

  it('keeps a twin of the item', () => {
    expect(similar(circle(20, 20, 20), 101).map(({ item }) => item.id)).toEqual([100, 102]);
  });

  it('takes an embedding of any length, and leaves nothing out for it', () => {
    const found = similar(circle(0, 90), Float32Array.of(0, 5));
    expect(found).toEqual([
      { item: { id: 101 }, similarity: 1 },
      { item: { id: 100 }, similarity: expect.closeTo(0, 6) },
    ]);
  });

  it.each([
    ['curation.unknownItem', circle(0), 7],
    ['curation.badEmbedding', circle(0), Float32Array.of(1, 0, 0)],
    ['curation.noItems', circle(), 7],
  ])('says what is wrong: %s', (code, embedded, to) => {
    expect(() => similar(embedded, to)).toThrow(expect.objectContaining({ code }));
  });
});

describe('nearDuplicates', () => {
  it('joins what is near, also through another, the largest group first', async () => {
    const groups = await nearDuplicates(circle(0, 90, 1, 180, 91, 2), { minSimilarity: Math.cos(Math.PI / 120) });
    expect(groups.map(({ items }) => items.map(({ id }) => id))).toEqual([
      [100, 102, 105],
      [101, 104],
    ]);
    expect(groups[1]?.lowest).toBeCloseTo(Math.cos(Math.PI / 180), 5);
    expect(groups[1]?.highest).toBe(groups[1]?.lowest);
  });

  it('finds pairs within and across blocks', async () => {
    const random = randomFrom(1);
    const angles = Array.from({ length: 2500 }, () => Array.from({ length: 16 }, () => random() - 0.5));
    const twins = [
      [3, 999],
      [5, 1000],
      [1001, 2400],
      [2100, 2499],
    ];
    for (const [a = 0, b = 0] of twins) angles[b] = angles[a] ?? [];
    const embeddings = Float32Array.from(
      angles.flatMap((vector) => vector.map((value) => value / Math.hypot(...vector))),
    );
    const progress: number[] = [];
    const groups = await nearDuplicates(
      { items: angles.map((_, id) => ({ id })), embeddings, dimensions: 16 },
      { onProgress: ({ done }) => progress.push(done) },
    );
    expect(groups.map(({ items }) => items.map(({ id }) => id)).sort(([a = 0], [b = 0]) => a - b)).toEqual(twins);
    expect(progress.at(-1)).toBe((2500 * 2499) / 2);
  });

  it('stops with the reason of the signal', async () => {
    await expect(nearDuplicates(circle(0, 1), { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
  });

  it('finds none among none', async () => {
    expect(await nearDuplicates(circle())).toEqual([]);
  });
});
