import { describe, expect, it } from 'vitest';
import { leaks, type PickOptions, pick, type Scored } from '../../src/curation/index.js';
import { Dataset, type Manifest, type Row } from '../../src/dataset/index.js';
import { randomFrom } from '../../src/work/random.js';
import { scoredOf } from './scores.js';

const aws = { bucket: 'bucket' } as ConstructorParameters<typeof Dataset>[0];
const seasons = ['Summer', 'Winter', 'Fall'];
/** 300 rows: 200 of summer, 90 of winter, 10 of fall, 3 of them twins of others. */
const season = (i: number) => (i < 200 ? 'Summer' : i < 290 ? 'Winter' : 'Fall');
const rows = Array.from({ length: 300 }, (_, i) => ({
  id: i + 1,
  season: season(i),
  imagePath: `s3://bucket/all/images/${i + 1}.jpg`,
})) as unknown as Row[];
const images = rows.map(({ id }) => ({ id, file: `images/${id}.jpg`, etag: `${Number(id) % 297}`, source: '' }));
const manifest = { version: 1, kit: '0', kind: 'export', count: 300, failures: [], images } as unknown as Manifest;
const dataset = new Dataset(aws, 'all', rows, manifest);

/** Random probabilities, and embeddings on a circle: item i at an angle that grows with i, and slower in the end. */
function scored(): Scored<Row> {
  const random = randomFrom(1, 'scored');
  const probabilities = rows.map(() => {
    const three = seasons.map(random);
    const sum = three.reduce((a, b) => a + b);
    return three.map((one) => one / sum);
  });
  const embeddings = Float32Array.from(
    rows.flatMap((_, i) => [Math.cos(Math.sqrt(i) / 3), Math.sin(Math.sqrt(i) / 3)]),
  );
  return { ...scoredOf(rows, probabilities, seasons), embeddings };
}
const counts = (some: readonly Row[]) => seasons.map((name) => some.filter((one) => one.season === name).length);

describe('pick', () => {
  it('random: any, the same for the same seed', async () => {
    const first = await pick(dataset, 50, { by: 'random', seed: 1 });
    expect(first).toBeInstanceOf(Dataset);
    expect(new Set(first.rows.map(({ id }) => id)).size).toBe(50);
    expect((await pick(dataset, 50, { by: 'random', seed: 1 })).rows).toEqual(first.rows);
    expect((await pick(dataset, 50, { by: 'random', seed: 2 })).rows).not.toEqual(first.rows);
    // More of them begin with the same.
    expect((await pick(dataset, 60, { by: 'random', seed: 1 })).rows.slice(0, 50)).toEqual(first.rows);
  });

  it('balanced: as many of each value, and what one lacks from the others', async () => {
    expect(counts((await pick(dataset, 30, { by: 'balanced', field: 'season' })).rows)).toEqual([10, 10, 10]);
    expect(counts((await pick(dataset, 150, { by: 'balanced', field: 'season' })).rows)).toEqual([70, 70, 10]);
    expect(counts((await pick(dataset, 1000, { by: 'balanced', field: 'season' })).rows)).toEqual([200, 90, 10]);
    expect((await pick(dataset, 9, { by: 'balanced', field: 'season', seed: 1 })).rows).not.toEqual(
      (await pick(dataset, 9, { by: 'balanced', field: 'season', seed: 2 })).rows,
    );
  });

  it('uncertain: the least difference between the two likeliest labels first', async () => {
    const all = scored();
    const margin = (one: Scored, i: number) => {
      const [a = 0, b = 0] = [...(one.scores.season ?? []).slice(i * 3, i * 3 + 3)].sort((x, y) => y - x);
      return a - b;
    };
    const picked = await pick(all, 20, { by: 'uncertain', field: 'season' });
    const margins = picked.items.map((_, i) => margin(picked, i));
    expect(margins).toEqual([...margins].sort((a, b) => a - b));
    const others = rows.map((_, i) => margin(all, i)).sort((a, b) => a - b);
    expect(margins[19]).toBeCloseTo(others[19] ?? 0, 6);
    // All that was scored of an item goes with it.
    const last = picked.items[19];
    expect(picked.md5s[19]).toBe(`md5 of ${last?.id}`);
  });

  it('diverse: no item far from those that were picked', async () => {
    const all = scored();
    const radius = (some: Scored<Row>) =>
      Math.min(...rows.map((_, i) => Math.max(...some.items.map((__, j) => cosine(all, i, some, j)))));
    const chosen = radius(await pick(all, 10, { by: 'diverse' }));
    expect(chosen).toBeGreaterThan(radius(await pick(all, 10, { by: 'random' })));
    expect(chosen).toBeGreaterThan(0.9);
    expect((await pick(all, 300, { by: 'diverse' })).items.map(({ id }) => id).sort()).toEqual(
      rows.map(({ id }) => id).sort(),
    );
  });

  it('typical: those nearest to the middle, of all or of each value', async () => {
    const all = scored();
    const [first] = (await pick(all, 1, { by: 'typical' })).items;
    // The circle is walked from 0 to 5.8; the middle of the places lies at about 3.8.
    expect(Math.sqrt(Number(first?.id) - 1) / 3).toBeGreaterThan(3.2);
    expect(Math.sqrt(Number(first?.id) - 1) / 3).toBeLessThan(4.4);
    expect(counts((await pick(all, 6, { by: 'typical', field: 'season' })).items)).toEqual([2, 2, 2]);
  });

  it.each<[string, number, object]>([
    ['pick.badNumber', -1, { by: 'random' }],
    ['pick.badNumber', 1.5, { by: 'random' }],
    ['pick.unknownWay', 1, { by: 'balance' }],
    ['pick.badField', 1, { by: 'balanced' }],
    ['pick.badField', 1, { by: 'balanced', field: 'saison' }],
    ['pick.badField', 1, { by: 'random', field: 'season' }],
    ['curation.notScored', 1, { by: 'diverse' }],
  ])('%s: %j %j', async (code, n, options) => {
    await expect(pick(dataset, n, options as PickOptions)).rejects.toMatchObject({ code });
  });
});

const cosine = (a: Scored, i: number, b: Scored, j: number): number => {
  const at = ({ embeddings }: Scored, n: number, k: number) => embeddings[2 * n + k] ?? 0;
  return at(a, i, 0) * at(b, j, 0) + at(a, i, 1) * at(b, j, 1);
};

describe('leaks', () => {
  it('are none of a split, and all of those that were planted', async () => {
    const { train, test } = await dataset.split({ train: 0.5, test: 0.5 });
    expect(await leaks(train, test)).toEqual([]);
    const torn = [rows.slice(0, 150), rows.slice(140)].map((some) => dataset.select(some));
    const [a, b] = [torn[0] ?? dataset, torn[1] ?? dataset];
    const found = await leaks(a, b);
    expect(found.filter(({ why }) => why === 'product').map(({ row }) => row.id)).toEqual(
      Array.from({ length: 10 }, (_, i) => 141 + i),
    );
    // 298, 299 and 300 have the images of 1, 2 and 3.
    expect(found.filter(({ why }) => why === 'bytes').map(({ row, other }) => [row.id, other.id])).toEqual([
      [298, 1],
      [299, 2],
      [300, 3],
    ]);
  });

  it('are found by their looks where what was scored is given', async () => {
    const all = scored();
    const [a, b] = [dataset.select(rows.slice(0, 100)), dataset.select(rows.slice(100, 200))];
    const found = await leaks(a, b, { scored: all, minSimilarity: 0.999 });
    expect(found[0]).toMatchObject({ why: 'alike', row: { id: 101 }, other: { id: 100 } });
    expect(found.every(({ similarity }) => similarity >= 0.999)).toBe(true);
    const half = { ...all, items: all.items.slice(0, 150) };
    await expect(leaks(a, b, { scored: half })).rejects.toMatchObject({ code: 'curation.notScored', value: 151 });
  });
});
