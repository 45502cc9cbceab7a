import { describe, expect, it } from 'vitest';
import { type Embedded, project } from '../../src/curation/index.js';
import { nearestNeighbours } from '../../src/curation/map/neighbours.js';
import { principal } from '../../src/curation/map/principal.js';
import { rightness } from '../../src/curation/map/rightness.js';
import { type Random, randomFrom } from '../../src/work/random.js';
import { scoredOf } from './scores.js';

/** A number around 0, of variance 1. */
const normal = (random: Random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Items in groups, each around a direction of its own, as unit vectors. */
function grouped(groups: number, each: number, dimensions = 24, spread = 0.08): Embedded & { group: number[] } {
  const random = randomFrom('grouped');
  const centres = Array.from({ length: groups }, () => Array.from({ length: dimensions }, () => normal(random)));
  const group = Array.from({ length: groups * each }, (_, i) => i % groups);
  const rows = group.map((own) => {
    const row = (centres[own] ?? []).map((value) => value + spread * normal(random) * Math.sqrt(dimensions));
    return row.map((value) => value / Math.hypot(...row));
  });
  return { items: group.map((_, i) => ({ id: i })), embeddings: Float32Array.from(rows.flat()), dimensions, group };
}

/** How many of the points have a neighbour of another group nearest to them. */
function strays(points: Float32Array, group: readonly number[]): number {
  const { places } = nearestNeighbours(Float64Array.from(points), 2, 2);
  return group.filter((own, i) => group[places[2 * i + 1] ?? 0] !== own).length;
}

describe('principal components', () => {
  it('are the directions in which rows differ most, with their share of the variance', async () => {
    const random = randomFrom('principal test');
    // Along two directions at right angles, with standard deviations of 3 and 1, and a little of everything else.
    const [a, b] = [
      [0.6, 0.8, 0, 0, 0],
      [0, 0, 0.8, 0, 0.6],
    ];
    const rows = Array.from({ length: 4000 }, () => {
      const [far, near] = [3 * normal(random), normal(random)];
      return Array.from({ length: 5 }, (_, k) => 7 + far * (a?.[k] ?? 0) + near * (b?.[k] ?? 0) + 0.1 * normal(random));
    });
    const { coordinates, shares } = await principal(Float32Array.from(rows.flat()), 5, 2);
    expect(shares[0]).toBeCloseTo(9 / 10.05, 1);
    expect(shares[1]).toBeCloseTo(1 / 10.05, 1);
    const variance = (k: number) => {
      const values = rows.map((_, i) => coordinates[2 * i + k] ?? 0);
      expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length)).toBeLessThan(1e-6);
      return values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    };
    expect([variance(0) / 9, variance(1)]).toEqual([expect.closeTo(1, 1), expect.closeTo(1, 1)]);
    const along = rows.map(
      (row, i) => row.reduce((sum, x, k) => sum + (x - 7) * (a?.[k] ?? 0), 0) - (coordinates[2 * i] ?? 0),
    );
    expect(Math.max(...along.map(Math.abs))).toBeLessThan(0.5);
  });

  it('of rows that are all the same are 0, and stop where they are interrupted', async () => {
    const { coordinates, shares } = await principal(new Float32Array(30).fill(0.5), 3, 2);
    expect([...coordinates].every((value) => value === 0)).toBe(true);
    expect(shares).toEqual([0, 0]);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(principal(new Float32Array(3 * 5000), 3, 2, { signal })).rejects.toThrow('enough');
  });
});

it('the nearest neighbours are those that a comparison of all finds, the point itself first', () => {
  const random = randomFrom('neighbours');
  const points = Float64Array.from({ length: 700 * 3 }, () => random());
  // Twins.
  points.copyWithin(0, 3 * 600, 3 * 601);
  const { places, distances } = nearestNeighbours(points, 3, 4);
  for (const i of [0, 1, 255, 256, 600, 699]) {
    const apart = Array.from({ length: 700 }, (_, j) =>
      Math.hypot(...[0, 1, 2].map((k) => (points[3 * i + k] ?? 0) - (points[3 * j + k] ?? 0))),
    );
    const nearest = [...apart.keys()].sort(
      (a, b) => (apart[a] ?? 0) - (apart[b] ?? 0) || Number(b === i) - Number(a === i),
    );
    expect([...places.subarray(4 * i, 4 * i + 4)]).toEqual(nearest.slice(0, 4));
    expect(distances[4 * i + 3]).toBeCloseTo(apart[nearest[3] ?? 0] ?? 0, 5);
  }
});

describe('project', () => {
  it('keeps planted groups apart, by PCA and by UMAP, and gives the same map for the same seed', async () => {
    const embedded = grouped(3, 60);
    const stages: string[] = [];
    const onProgress = ({ stage, ended }: { stage: string; ended: boolean }) => void (ended && stages.push(stage));
    const pca = await project(embedded);
    expect(pca).toMatchObject({ method: 'pca', explained: expect.any(Number) });
    expect(strays(pca.points, embedded.group)).toBe(0);
    expect((await project(embedded)).points).toEqual(pca.points);
    const [one, same, other] = await Promise.all([
      project(embedded, { method: 'umap', seed: 1, onProgress }),
      project(embedded, { method: 'umap', seed: 1 }),
      project(embedded, { method: 'umap', seed: 2 }),
    ]);
    expect(strays(one.points, embedded.group)).toBe(0);
    expect(same.points).toEqual(one.points);
    expect(other.points).not.toEqual(one.points);
    expect(stages).toEqual(['project', 'neighbours', 'arrange']);
  });

  it.each([3, 4, 20])('takes %i images, and images that are all the same', async (n) => {
    for (const embedded of [grouped(1, n), { ...grouped(1, n), embeddings: new Float32Array(n * 24).fill(24 ** -0.5) }])
      for (const method of ['pca', 'umap'] as const) {
        const { points } = await project(embedded, { method });
        expect(points).toHaveLength(2 * n);
        expect(points.every(Number.isFinite)).toBe(true);
      }
  });

  it('leaves the kernel free and ends at once where it is interrupted', async () => {
    const stop = new AbortController();
    const onProgress = ({ stage }: { stage: string }) => stage === 'arrange' && stop.abort(new Error('enough'));
    await expect(
      project(grouped(4, 200), { method: 'umap', signal: stop.signal, onProgress: (each) => void onProgress(each) }),
    ).rejects.toThrow('enough');
  });

  const three = grouped(3, 1);
  it.each([
    ['curation.tooFewImages', grouped(2, 1), {}, 'these are 2. Score more.'],
    ['curation.noEmbeddings', { ...three, dimensions: 0, embeddings: new Float32Array() }, {}, 'names its embedding'],
    ['curation.mixedEmbeddings', { ...three, embeddings: new Float32Array(3 * 24 + 8) }, {}, 'there are 80'],
    [
      'curation.mixedEmbeddings',
      { ...three, embeddings: three.embeddings.map((x, i) => (i < 48 ? x : 9 * x)) },
      {},
      'of 2 has the length 9',
    ],
    [
      'curation.mixedEmbeddings',
      { ...three, embeddings: new Float32Array(3 * 24).fill(Number.NaN) },
      {},
      'pipeline.score',
    ],
    ['curation.notScored', { rows: [], manifest: {} }, {}, 'pipeline.score(dataset)'],
    ['curation.unknownMethod', three, { method: 'unap' }, "Did you mean 'umap'?"],
    ['curation.badOption', three, { seed: 1.5 }, 'seed is 1.5'],
    ['curation.badOption', three, { neighbours: 1 }, 'neighbours is 1; give a whole number of at least 2'],
  ])('says what is wrong and what to do: %s', async (code, embedded, options, says) => {
    const error = { code, message: expect.stringContaining(says) };
    await expect(project(embedded as Embedded, options as object)).rejects.toMatchObject(error);
  });
});

it('a prediction is right, wrong, or of an item without a label', () => {
  const items = ['Summer', 'Summer', null, 'Spring'].map((season, id) => ({ id, season }));
  const scored = scoredOf(items, [
    [0.9, 0.1, 0],
    [0.1, 0.9, 0],
    [1, 0, 0],
    [0, 0, 1],
  ]);
  expect(rightness(scored, 'season')).toEqual([true, false, undefined, false]);
  expect(() => rightness(scored, 'seson')).toThrow("Did you mean 'season'?");
});
