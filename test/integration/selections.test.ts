import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { horizontalFlip } from '../../src/augment/index.js';
import { getBytes, putBytes, remove, sdkClient } from '../../src/aws/index.js';
import { Catalogue } from '../../src/catalogue/index.js';
import { type Dataset, openDataset, type Row } from '../../src/dataset/index.js';
import { loadModel, type Model } from '../../src/model/index.js';
import { Pipeline } from '../../src/pipeline/index.js';
import { uniqueName } from '../server.js';
import { filesOf, sharedAws, textOf } from './shared.js';

const aws = sharedAws();
const pipeline = new Pipeline(aws);
const flip = [horizontalFlip({ p: 0.5 })];
let shoes: Dataset;
let model: Model;
/** A folder of this file's own. */
const named = (name: string) => uniqueName(name);

beforeAll(async () => {
  const found = (await new Catalogue(aws).query({ masterCategory: 'Footwear' }, { limit: 12 }).toArray()).map(
    ({ id }) => id,
  );
  shoes = await pipeline.run({ where: { id: { in: found } }, folder: named('shoes') });
  model = await loadModel();
});
afterAll(() => {
  model.dispose();
  aws.close();
});

const ids = ({ rows }: { rows: readonly Row[] }) => rows.map(({ id }) => id);
const at = (i: number) => shoes.rows[i] ?? expect.fail();

describe('a view', () => {
  it('has the rows that satisfy a condition, as a query does', () => {
    const { season } = at(0);
    const view = shoes.where({ season: season ?? expect.fail(), not: { id: at(0).id } });
    expect(ids(view)).toEqual(ids({ rows: shoes.rows.slice(1).filter((row) => row.season === season) }));
    expect(view.view).toEqual({
      parent: { folder: shoes.folder, digest: shoes.digest, rows: 12 },
      steps: [
        {
          step: 'where',
          words: `season = '${season}' and not (id = ${at(0).id})`,
          where: { season, not: { id: at(0).id } },
        },
      ],
      rule: `season = '${season}' and not (id = ${at(0).id})`,
    });
    expect(String(view)).toBe(`${shoes.uri}: ${view.rows.length} of 12 rows; ${view.view?.rule}`);
    expect(() => shoes.where({ saison: 'Fall' })).toThrowError(/no field 'saison'.*'season'/);
    expect(() => shoes.where({ year: 'x' as never })).toThrowError(/'year' is "x"/);
    expect(shoes.view).toBeUndefined();
  });

  it('has no rows that were left out, and of a group the first that is there', () => {
    const [a, b, c, d, e] = [0, 1, 2, 3, 4].map(at);
    const suspect = { item: a ?? expect.fail(), predicted: 'Winter' };
    const view = shoes
      .without([suspect, { id: at(11).id }])
      .without([{ items: [a, b, c].flatMap((row) => row ?? []) }, { items: [d, e].flatMap((row) => row ?? []) }]);
    expect(ids(view)).toEqual(ids(shoes).filter((_, i) => ![0, 2, 4, 11].includes(i)));
    expect(view.view?.rule).toBe(
      'without 1 row, 1 row with suspect labels; without 2 rows of 2 groups (the first stays)',
    );
    expect(view.view?.steps).toMatchObject([{ ids: [at(0).id, at(11).id] }, { ids: [at(2).id, at(4).id] }]);
    expect(ids(shoes.without(shoes.select(shoes.rows.slice(1))))).toEqual([at(0).id]);
  });

  it('has columns that the compiler knows', () => {
    const view = shoes.withColumn('side', (_, i) => (i % 2 === 0 ? 'left' : 'right')).withColumn('n', (_, i) => i);
    expectTypeOf(view.rows[0]?.side).toEqualTypeOf<'left' | 'right' | undefined>();
    expectTypeOf(view.rows[0]?.n).toEqualTypeOf<number | undefined>();
    expect(view.where({ side: 'left', n: { gt: 4 } }).rows.map(({ n }) => n)).toEqual([6, 8, 10]);
    expect(view.metadata.columnNames()).toContain('side');
  });

  it.each<[string, (row: Row, index: number) => never, RegExp]>([
    ['imagePath', () => 'x' as never, /cannot be called 'imagePath': it means something else/],
    ['usagePredicted', () => 'x' as never, /name of a prediction/],
    ['a b', () => 'x' as never, /other characters/],
    ['n', (_, i) => (i === 0 ? 1 : 'x') as never, /type number for product \d+ and string for product \d+/],
    ['n', () => Number.NaN as never, /has NaN for product/],
    ['n', () => new Date() as never, /type Date/],
    ['n', () => Promise.resolve(1) as never, /await the values first/],
  ])('has no column %s', (name, value, message) => {
    expect(() => shoes.withColumn(name, value)).toThrowError(
      expect.objectContaining({ code: 'dataset.badColumn', message: expect.stringMatching(message) }),
    );
  });

  it('has no rows of two data sets, and names the other', async () => {
    const other = await pipeline.run({ where: { id: Number(at(0).id) }, folder: named('other') });
    const named2 = { code: 'dataset.strangeRow', message: expect.stringContaining(`but of ${other.uri}`) };
    expect(() => shoes.select([at(1), ...other.rows])).toThrowError(expect.objectContaining(named2));
    expect(() => shoes.without([{ item: other.rows[0] ?? expect.fail() }])).toThrowError(
      expect.objectContaining(named2),
    );
  });
});

describe('what is saved', () => {
  it('is a data set of its own, with augmented images and predictions; saved again, it copies nothing', async () => {
    await pipeline.augment(shoes, flip, { variants: 2 });
    await pipeline.infer(shoes, model);
    const view = shoes.without([at(3)]).withColumn('side', ({ id }) => (Number(id) % 2 === 0 ? 'even' : 'odd'));
    const folder = named('saved');
    const options = { reason: 'number 3 is blurred', augmented: true, predictions: true };
    const saved = await pipeline.save(view, folder, options);
    const opened = await openDataset(aws, folder);
    expect(opened.rows).toEqual(saved.rows);
    expect(opened.rows.map(({ imagePath: _, ...row }) => row)).toEqual(
      view.rows.map(({ imagePath: _, ...row }) => row),
    );
    expect(opened.manifest).toMatchObject({
      kind: 'saved',
      parent: { folder: shoes.folder, digest: shoes.digest },
      view: { reason: 'number 3 is blurred', rule: 'without 1 row; with the column side' },
      columns: expect.arrayContaining(['side']),
      count: 11,
    });
    expect(opened.manifest.images.map(({ etag, source }) => [etag, source])).toEqual(
      view.manifest.images.map(({ etag, source }) => [etag, source]),
    );
    const augmented = await openDataset(aws, `${folder}/augmented`);
    expect([augmented.rows.length, augmented.stale, augmented.rows[0]?.side]).toEqual([
      22,
      undefined,
      saved.rows[0]?.side,
    ]);
    const predictions = await openDataset(aws, `${folder}/predictions`);
    expect([predictions.rows.length, predictions.stale]).toEqual([11, undefined]);
    expect(await predictions.image(predictions.rows[0] ?? expect.fail())).toEqual(await shoes.image(at(0)));

    const before = await filesOf(aws, folder);
    const manifest = await textOf(aws, `${folder}/manifest.json`);
    const second = watched();
    await new Pipeline(second.aws).save(view, folder, options);
    expect(second.sent.filter((command) => command.startsWith('Copy'))).toEqual([]);
    expect(second.sent).toContain(`PutObjectCommand ${folder}/metadata.json`);
    expect(await textOf(aws, `${folder}/manifest.json`)).toBe(manifest);
    // Nothing is made again of what was copied, either.
    await new Pipeline(second.aws).augment(saved, flip, { variants: 2 });
    expect(second.sent.filter((command) => /^Put.*jpg$/.test(command))).toEqual([]);
    second.aws.close();
    expect((await pipeline.infer(saved, model)).rows).toEqual(predictions.rows);
    expect(await filesOf(aws, folder)).toEqual(before);
  });

  it('can be a view of augmented images, of predictions, or of what was saved', async () => {
    const augmented = await pipeline.augment(shoes, flip, { variants: 2 });
    const first = await pipeline.save(augmented.where({ variant: 1 }), named('variants'), { reason: 'one each' });
    expect(first.rows.map(({ variant }) => variant)).toEqual(Array(12).fill(1));
    expect(await pipeline.score(first, model)).toMatchObject({ items: { length: 12 }, failures: [] });
    const again = await pipeline.save(first.select(first.rows.slice(2)), named('again'), { reason: 'fewer' });
    expect([again.rows.length, again.manifest.parent?.folder]).toEqual([10, first.folder]);
    const predicted = await pipeline.infer(shoes, model);
    const sure = predicted.where({ usagePredicted: { exists: true } });
    const kept = await pipeline.save(sure, named('sure'), { reason: 'sure', predictions: true });
    expect(await filesOf(aws, kept.folder)).toContain(`images/${kept.rows[0]?.id}.jpg`);
    expect((await openDataset(aws, `${kept.folder}/predictions`)).rows).toHaveLength(12);
  });

  it('has the predictions of several models beside each other, by name', async () => {
    const folder = named('models');
    const { id } = at(0);
    const base = await pipeline.run({ where: { id: { in: [id, at(1).id] as number[] } }, folder });
    const plain = await pipeline.infer(base, model);
    const strict = await pipeline.infer(base, model, { name: 'strict' });
    expect([plain.folder, strict.folder]).toEqual([`${folder}/predictions`, `${folder}/predictions/strict`]);
    expect(strict.rows).toEqual(plain.rows);
    const opened = await openDataset(aws, strict.folder);
    expect(opened.stale).toBeUndefined();
    expect(await opened.image(opened.rows[0] ?? expect.fail())).toEqual(
      await base.image(base.rows[0] ?? expect.fail()),
    );
    expect((await opened.embeddings()).embeddings).toEqual((await plain.embeddings()).embeddings);
    // Neither of them disturbs the other, nor what is made again.
    await pipeline.infer(base, model);
    expect((await openDataset(aws, strict.folder)).rows).toHaveLength(2);

    const listed = (await pipeline.datasets()).filter((one) => one.folder.startsWith(folder));
    expect(listed.map((one) => [one.folder.slice(folder.length), one.kind, one.problem])).toEqual([
      ['', 'export', null],
      ['/predictions', 'predictions', null],
      ['/predictions/strict', 'predictions', null],
    ]);
    const view = base.where({ id: Number(id) });
    const saved = await pipeline.save(view, named('one'), { reason: 'one', predictions: true });
    const copy = await openDataset(aws, `${saved.folder}/predictions/strict`);
    expect([copy.rows.length, copy.stale]).toEqual([1, undefined]);
    expect(copy.manifest.images.map(({ file }) => file)).toEqual([`../../images/${id}.jpg`]);
    expect(String(await pipeline.verify(saved.folder, { rebuild: 'all' }))).toContain(
      'predictions/strict: 1 of 1 images are as their manifest says; 1 of 1 made again are the same',
    );
    const { folders, left } = await pipeline.remove(folder, { force: true });
    expect([folders, left]).toEqual([['', '/predictions', '/predictions/strict'].map((below) => folder + below), []]);
    expect(await filesOf(aws, folder)).toEqual([]);
    await expect(pipeline.infer(saved, model, { name: 'a/b' })).rejects.toMatchObject({ code: 'dataset.badFolder' });
    await expect(pipeline.infer(saved, model, { name: 'images' })).rejects.toThrow("the name 'images'");
  });

  it('replaces nothing that is in its folder, unless it is told to', async () => {
    const folder = named('taken');
    const few = shoes.select(shoes.rows.slice(0, 3));
    await pipeline.save(few, folder, { reason: 'a few' });
    const before = await filesOf(aws, folder);
    const taken = {
      code: 'dataset.folderTaken',
      message: expect.stringMatching(/has a data set already: 3 rows saved from .* \(a few\)\. Choose another folder/),
    };
    const others = shoes.select(shoes.rows.slice(5));
    await expect(pipeline.save(others, folder, { reason: 'others' })).rejects.toMatchObject(taken);
    await expect(pipeline.run({ where: { id: Number(at(7).id) }, folder })).rejects.toMatchObject(taken);
    await expect(pipeline.save(few, shoes.folder, { reason: 'x', replace: true })).rejects.toMatchObject({
      code: 'dataset.folderTaken',
      message: expect.stringContaining('an export of 12 rows'),
    });
    expect(await filesOf(aws, folder)).toEqual(before);
    await pipeline.save(others, folder, { reason: 'others', replace: true });
    expect(ids(await openDataset(aws, folder))).toEqual(ids(others));
    await putBytes(aws, `${folder}_2/mine.txt`, 'mine', { type: 'text/plain' });
    await expect(pipeline.save(few, `${folder}_2`, { reason: 'x' })).rejects.toMatchObject({
      code: 'dataset.foreignFiles',
    });
  });

  it('is refused where something is wrong with it, before anything is written', async () => {
    const folder = named('refused');
    const refused = (view: Dataset, options: object = {}) =>
      pipeline.save(view, folder, { reason: 'x', ...options }).then(String, ({ message }: Error) => message);
    expect(await refused(shoes, { reason: ' ' })).toContain('Say why');
    expect(await refused(shoes.select([at(1), at(1)]))).toContain('in the view twice');
    expect(await refused(shoes.select([{ ...at(1), seen: new Date() }]))).toContain("'seen' has a Date");
    const fresh = await pipeline.run({
      where: { id: { in: [at(0).id, at(1).id].map(Number) } },
      folder: named('fresh'),
    });
    expect(await refused(fresh, { augmented: true })).toMatch(/has no augmented images.*leave 'augmented' out/);
    await pipeline.run({ where: { id: Number(at(0).id) }, folder: fresh.folder });
    expect(await refused(fresh)).toContain('Open it again');
    await expect(pipeline.save(shoes, 'images/x', { reason: 'x' })).rejects.toMatchObject({
      code: 'dataset.badFolder',
    });
    expect(await filesOf(aws, folder)).toEqual([]);
  });

  it('is refused where an image is another than its manifest lists', async () => {
    const folder = named('swapped');
    const original = await pipeline.run({ where: { id: { in: [at(0).id, at(1).id].map(Number) } }, folder });
    await putBytes(aws, `${folder}/images/${at(0).id}.jpg`, await getBytes(aws, `images/${at(1).id}.jpg`), {
      type: 'image/jpeg',
    });
    await expect(pipeline.save(original, `${folder}_saved`, { reason: 'x' })).rejects.toMatchObject({
      code: 'dataset.changed',
    });
    await expect(openDataset(aws, `${folder}_saved`)).rejects.toMatchObject({ code: 'dataset.notFound' });
    await remove(aws, [`${folder}/images/${at(0).id}.jpg`]);
  });
});

describe('a copy', () => {
  it('is as the data set is, with what was derived from it', async () => {
    const folder = named('copied');
    await pipeline.augment(shoes, flip, { variants: 2 });
    await pipeline.infer(shoes, model);
    const copied = await pipeline.copy(shoes.folder, folder);
    expect(copied.manifest).toMatchObject({ kind: 'export', query: { where: shoes.manifest.query?.where } });
    expect(await filesOf(aws, folder)).toEqual(await filesOf(aws, shoes.folder));
    expect((await openDataset(aws, `${folder}/augmented`)).stale).toBeUndefined();
    await expect(pipeline.copy(shoes.folder, folder)).resolves.toBeDefined();
    await expect(pipeline.copy(`${folder}_no`, `${folder}_3`)).rejects.toMatchObject({ code: 'dataset.notFound' });
  });
});

describe('the list of data sets', () => {
  it('has what each is, also what is broken', async () => {
    const folder = named('listed');
    const base = await pipeline.run({
      name: 'two',
      where: { id: { in: [0, 1].map((i) => Number(at(i).id)) } },
      folder,
    });
    await pipeline.augment(base, flip);
    await pipeline.save(base.select(base.rows.slice(1)), `${folder}/below`, { reason: 'one' });
    await pipeline.save(base, `${folder}_half`, { reason: 'all' });
    await remove(aws, [`${folder}_half/metadata.json`]);
    await putBytes(aws, `${folder}_broken/manifest.json`, '{', { type: 'application/json' });
    await putBytes(aws, `${folder}_alone/metadata.json`, '[]', { type: 'application/json' });
    const listed = (await pipeline.datasets()).filter((one) => one.folder.startsWith(folder));
    expect(listed.map(({ when, ...one }) => ({ ...one, when: when && when.getTime() > 1e12 }))).toEqual([
      { folder, kind: 'export', rows: 2, parent: null, reason: 'two', when: true, problem: null },
      {
        folder: `${folder}/augmented`,
        kind: 'augmented',
        rows: 2,
        parent: folder,
        reason: null,
        when: true,
        problem: null,
      },
      { folder: `${folder}/below`, kind: 'saved', rows: 1, parent: folder, reason: 'one', when: true, problem: null },
      { ...nothing, folder: `${folder}_alone`, problem: 'it has no manifest.json' },
      { ...nothing, folder: `${folder}_broken`, problem: expect.stringContaining('cannot be read') },
      {
        folder: `${folder}_half`,
        kind: 'saved',
        rows: 2,
        parent: folder,
        reason: 'all',
        when: true,
        problem: expect.stringContaining('not complete'),
      },
    ]);
    await expect(pipeline.remove(`${folder}_broken`)).rejects.toMatchObject({ code: 'dataset.malformed' });
    await expect(pipeline.remove(`${folder}_alone`)).rejects.toMatchObject({ code: 'dataset.notFound' });
    await expect(pipeline.remove('images')).rejects.toMatchObject({ code: 'dataset.badFolder' });
    expect((await pipeline.remove(`${folder}_half`)).objects).toBe(3);
  });
  const nothing = { kind: null, rows: null, parent: null, reason: null, when: null };
});

describe('removing a data set', () => {
  it('takes what was derived from it, and says what was saved from it', async () => {
    const folder = named('gone');
    const base = await pipeline.run({ where: { id: { in: [0, 1, 2].map((i) => Number(at(i).id)) } }, folder });
    const augmented = await pipeline.augment(base, flip);
    await pipeline.infer(augmented, model);
    await pipeline.save(augmented.select(augmented.rows.slice(1)), `${folder}_some`, { reason: 'two variants' });
    await putBytes(aws, `${folder}/images/mine.jpg`, 'mine', { type: 'image/jpeg' });
    await putBytes(aws, `${folder}/mine.txt`, 'mine', { type: 'text/plain' });
    const needed = { code: 'dataset.needed', message: expect.stringContaining(`'${folder}_some' was saved from`) };
    await expect(pipeline.remove(folder)).rejects.toMatchObject(needed);
    expect((await openDataset(aws, folder)).rows).toHaveLength(3);
    expect(await pipeline.remove(folder, { force: true })).toEqual({
      folders: [folder, `${folder}/augmented`, `${folder}/augmented/predictions`],
      objects: 3 + 2 + 3 + 2 + 3,
      left: [`${folder}/images/mine.jpg`, `${folder}/mine.txt`],
      dependents: [`${folder}_some`],
    });
    expect(await filesOf(aws, folder)).toEqual(['images/mine.jpg', 'mine.txt']);
    expect((await openDataset(aws, `${folder}_some`)).rows).toHaveLength(2);
    await expect(pipeline.remove(folder)).rejects.toMatchObject({ code: 'dataset.notFound' });
    expect(await filesOf(aws, `jobs/folders/${folder}`)).toEqual([]);
  });
});

// A server that answers ten times more slowly is stopped at one point.
const isSlow = process.env.ML_PIPELINE_TEST_ENDPOINT !== undefined;

describe('stopped anywhere and run again', () => {
  it.each(isSlow ? [0.55] : [0.05, 0.3, 0.55, 0.8, 0.95])(
    'a save, after a share of %d of its writes',
    async (share) => {
      const view = shoes.select(shoes.rows.slice(2, 8));
      const [folder, whole] = [named('stopped'), named('whole')];
      const options = { reason: 'six', augmented: true, predictions: true };
      await pipeline.augment(shoes, flip, { variants: 2 });
      await pipeline.infer(shoes, model);
      const isWrite = (command: string, key: string) => /^(Put|Copy|Delete)/.test(command) && !key.endsWith('.lock');
      let total = 0;
      const undisturbed = watched((command, key) => isWrite(command, key) && ++total < 0);
      await new Pipeline(undisturbed.aws).save(view, whole, options);
      let done = 0;
      const stopped = watched((command, key) => isWrite(command, key) && ++done > total * share);
      await expect(new Pipeline(stopped.aws).save(view, folder, options)).rejects.toThrow('stopped here');
      undisturbed.aws.close();
      stopped.aws.close();
      const early = await openDataset(aws, folder).catch(({ code }: { code: string }) => code);
      if (share < 0.9) expect(early).toMatch(/^dataset/);
      const saved = await pipeline.save(view, folder, options);
      expect((await openDataset(aws, folder)).rows).toEqual(saved.rows);
      for (const below of ['', '/augmented', '/predictions']) {
        const [one, other] = await Promise.all(
          [folder, whole].map(async (name) =>
            (await textOf(aws, `${name}${below}/metadata.json`)).replaceAll(name, ''),
          ),
        );
        expect(one).toBe(other);
      }
      expect(await filesOf(aws, folder)).toEqual(await filesOf(aws, whole));
      expect(await filesOf(aws, `jobs/folders/${folder}`)).toEqual([]);
    },
  );

  it.each(isSlow ? [3] : [0, 1, 3, 5])('a removal, after %i deletions, comes to the same end', async (deletions) => {
    const folder = named('removed');
    const base = await pipeline.run({ where: { id: { in: [0, 1].map((i) => Number(at(i).id)) } }, folder });
    await pipeline.augment(base, flip);
    let done = 0;
    const stopped = watched((command) => command === 'DeleteObjectsCommand' && ++done > deletions);
    await expect(new Pipeline(stopped.aws).remove(folder)).rejects.toThrow('stopped here');
    stopped.aws.close();
    if (deletions > 0) await expect(openDataset(aws, folder)).rejects.toMatchObject({ code: 'dataset.notFound' });
    await pipeline.remove(folder);
    expect(await filesOf(aws, folder)).toEqual([]);
    expect(await filesOf(aws, `jobs/folders/${folder}`)).toEqual([]);
  });
});

/** Clients that note what they send, and stop before what `at` says. */
function watched(at: (command: string, key: string) => boolean = () => false) {
  const sent: string[] = [];
  const clients = sharedAws();
  sdkClient(clients.s3, S3Client).middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        const { Key = '' } = args.input as { Key?: string };
        if (at(commandName, Key)) throw new Error('stopped here');
        sent.push(`${commandName} ${Key}`);
        return next(args);
      },
    { step: 'initialize' },
  );
  return { aws: clients, sent };
}
