import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { horizontalFlip } from '../../src/augment/index.js';
import { type Aws, clients, getBytes, putBytes, remove } from '../../src/aws/index.js';
import { Catalogue, seedCatalogue } from '../../src/catalogue/index.js';
import { type Dataset, diff, openDataset } from '../../src/dataset/index.js';
import { loadModel, type Model } from '../../src/model/index.js';
import { Pipeline } from '../../src/pipeline/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { show } from '../../src/views/index.js';
import { uniqueName } from '../server.js';

// A catalogue of its own, for it changes.
let aws: Aws;
let catalogue: Catalogue;
let pipeline: Pipeline;
let all: Dataset;
let model: Model;
const at = (i: number) => all.rows[i] ?? expect.fail();

beforeAll(async () => {
  aws = clients({ env: inject('env'), table: uniqueName('diff'), bucket: uniqueName('diff') });
  await seedCatalogue(aws, sampleSource({ products: 24 }));
  catalogue = await Catalogue.open(aws);
  pipeline = new Pipeline(aws);
  all = await pipeline.run({ where: {}, folder: 'all' });
  model = await loadModel();
});
afterAll(() => {
  model.dispose();
  aws.close();
});

describe('two data sets', () => {
  it('differ in rows, columns and values', async () => {
    const rows = all.rows.slice(2).map((row, i) => (i < 3 ? { ...row, season: 'Never' } : row));
    const some = await pipeline.save(
      all.select(rows).withColumn('side', () => 'left'),
      'some',
      { reason: 'a few' },
    );
    const few = await pipeline.save(all.select(all.rows.slice(0, 20)), 'few', { reason: 'others' });
    const difference = await diff(few, some);
    expect(String(difference)).toBe(
      `${few.uri} → ${some.uri}: 4 added, 2 removed, 3 changed (season 3), 15 the same, with the column side`,
    );
    expect(difference.any).toBe(true);
    expect(difference.removed.map(({ id }) => id)).toEqual([at(0).id, at(1).id]);
    expect(difference.table()).toContainEqual({
      id: at(2).id,
      change: 'changed',
      field: 'season',
      before: at(2).season,
      after: 'Never',
    });
    expect((await diff(few, await openDataset(aws, 'few'))).any).toBe(false);
  });

  it('of variants differ by their images', async () => {
    const base = await pipeline.run({ where: { id: { in: [Number(at(0).id), Number(at(1).id)] } }, folder: 'pair' });
    const before = await pipeline.augment(base, [horizontalFlip({ p: 1 })], { variants: 2 });
    const after = await pipeline
      .copy('pair', 'pair_2')
      .then((copy) => pipeline.augment(copy, [{ name: 'toGray', p: 1 }]));
    const difference = await diff(before, after);
    expect([difference.removed.length, difference.changed.length, difference.fields.image]).toEqual([2, 2, 2]);
  });
});

describe('a data set and the catalogue now', () => {
  it('are the same until something is changed, and then differ in just that', async () => {
    const { season } = at(0);
    const of = await pipeline.run({ where: { season: season ?? expect.fail() }, folder: 'seasonal' });
    const view = of.select(of.rows.slice(1));
    expect(String(await diff(of, catalogue))).toContain(
      `→ the catalogue now: 0 added, 0 removed, 0 changed, ${of.rows.length} the same`,
    );
    const [first, second, third] = of.rows;
    const other = all.rows.find((row) => row.season !== season) ?? expect.fail();
    const changes = [
      { id: Number(first?.id), season: 'Never', was: { season } },
      { id: Number(second?.id), usage: 'Never', was: { usage: second?.usage } },
      { id: Number(other.id), season, was: { season: other.season } },
    ];
    const { changed } = await catalogue.update(changes, { reason: 'a test' });
    expect(changed).toBe(3);
    await putBytes(aws, `images/${third?.id}.jpg`, await getBytes(aws, `images/${other.id}.jpg`), {
      type: 'image/jpeg',
    });
    const difference = await diff(of, catalogue);
    expect(difference.rows).toMatchObject([
      { id: first?.id, change: 'removed', fields: [{ field: 'season', before: season, after: 'Never' }] },
      { id: second?.id, change: 'changed', image: false, fields: [{ field: 'usage', after: 'Never' }] },
      { id: third?.id, change: 'changed', image: true, fields: [] },
      { id: other.id, change: 'added' },
    ]);
    // Of a view, each row is compared with its item.
    expect((await diff(view, catalogue)).rows.map(({ id, change }) => [id, change])).toEqual([
      [second?.id, 'changed'],
      [third?.id, 'changed'],
    ]);
    await show.diff(difference);
    expect((await pipeline.run({ where: { season: season ?? '' }, folder: 'seasonal' })).rows).toHaveLength(
      of.rows.length,
    );
    expect((await diff(await openDataset(aws, 'seasonal'), catalogue)).any).toBe(false);
  });
});

describe('a data set that is verified', () => {
  it('is as its manifest says, and is the same when it is made again', async () => {
    const base = await pipeline.run({
      where: { id: { in: all.rows.slice(10, 16).map(({ id }) => Number(id)) } },
      folder: 'proof',
    });
    await pipeline.augment(base, [horizontalFlip({ p: 0.5 }), { name: 'toGray', p: 0.5 }], { variants: 2, seed: 3 });
    await pipeline.infer(base, model);
    const verified = await pipeline.verify('proof', { rebuild: 'all', model });
    expect(String(verified).split('\n')).toEqual([
      'proof: 6 of 6 images are as their manifest says; 6 of 6 made again are the same',
      'proof/augmented: 12 of 12 images are as their manifest says; 12 of 12 made again are the same',
      'proof/predictions: 6 of 6 images are as their manifest says; 6 of 6 made again are the same',
    ]);
    expect(verified.ok).toBe(true);
    const saved = await pipeline.save(base.select(base.rows.slice(2)), 'proof_2', { reason: 'four' });
    expect(String(await pipeline.verify(saved.folder, { rebuild: 2 }))).toBe(
      'proof_2: 4 of 4 images are as their manifest says; 2 of 2 made again are the same',
    );
  });

  it('names what is missing, extra, another image, or comes out another way', async () => {
    const base = await openDataset(aws, 'proof');
    const [a, b, c] = base.rows.map(({ id }) => `images/${id}.jpg`);
    const [one, two] = [await getBytes(aws, `proof/${a}`), await getBytes(aws, `proof/${b}`)];
    await putBytes(aws, `proof/${a}`, two, { type: 'image/jpeg' });
    await remove(aws, [`proof/${b}`]);
    await putBytes(aws, 'proof/images/mine.jpg', one, { type: 'image/jpeg' });
    await putBytes(aws, 'proof/mine.txt', 'mine', { type: 'text/plain' });
    await putBytes(aws, `${c}`, one, { type: 'image/jpeg' });
    await putBytes(aws, 'proof/predictions/embeddings.f16', 'xx', { type: 'application/octet-stream' });
    const { folders, ok } = await pipeline.verify('proof', { rebuild: 'all', model });
    const faults = (i: number) => folders[i]?.faults.map(({ file, problem }) => `${file} ${problem}`) ?? [];
    expect(ok).toBe(false);
    expect(folders.map(({ right, images }) => [right, images])).toEqual([
      [4, 6],
      [12, 12],
      [4, 6],
    ]);
    expect(faults(0)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(`^${a} is another image: its MD5 is [0-9a-f]{32}, not`),
        `${b} is missing`,
        'images/mine.jpg is not in the manifest',
        'mine.txt is not in the manifest',
        `${c} is not what ${c} is now`,
      ]),
    );
    expect(faults(0)).toHaveLength(5);
    expect(faults(1).filter((fault) => /other bytes/.test(fault))).toHaveLength(2);
    expect(faults(1).filter((fault) => /cannot be made again: .*does not exist/.test(fault))).toHaveLength(2);
    expect(faults(2)).toContainEqual(expect.stringContaining('embeddings.f16 has 2 bytes instead of'));
    await remove(aws, ['proof/metadata.json', 'proof/images/mine.jpg', 'proof/mine.txt']);
    expect((await pipeline.verify('proof')).folders[0]?.faults).toContainEqual({
      file: 'metadata.json',
      problem: expect.stringContaining('has no complete data set'),
    });
    await expect(pipeline.verify('proof_no')).rejects.toMatchObject({ code: 'dataset.notFound' });
    await expect(pipeline.verify('some', { rebuild: -1 })).rejects.toMatchObject({ code: 'verify.badRebuild' });
  });

  it('is not compared with what another model says', async () => {
    const base = await pipeline.run({ where: { id: Number(at(20).id) }, folder: 'other_model' });
    await pipeline.infer(base, { ...model, fingerprint: 'another' });
    await expect(pipeline.verify('other_model', { rebuild: 1, model })).rejects.toMatchObject({
      code: 'verify.otherModel',
    });
    expect((await pipeline.verify('other_model')).ok).toBe(true);
  });
});
