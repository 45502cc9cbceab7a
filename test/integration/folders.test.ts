import { CopyObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { remove } from '../../src/aws/bucket.js';
import { sdkClient } from '../../src/aws/clients.js';
import { getBytes } from '../../src/aws/get-object.js';
import { Catalogue } from '../../src/catalogue/index.js';
import { type ExportOptions, exportDataset, openDataset } from '../../src/dataset/index.js';
import { loadModel, type Model } from '../../src/model/index.js';
import { Pipeline, queries } from '../../src/pipeline/index.js';
import { uniqueName } from '../server.js';
import { filesOf, sharedAws, textOf } from './shared.js';

const aws = sharedAws();
const pipeline = new Pipeline(aws);
afterAll(() => aws.close());
const options: ExportOptions = { query: { where: {}, table: aws.table, plan: 'test' } };
const shoes = new Catalogue(aws).query(queries.maleShoesFrom2012.where, { limit: 30 }).toArray();
const put = (key: string, Body = 'mine') => aws.s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: key, Body }));
const foreign = (key: string) => ({ code: 'dataset.foreignFiles', message: expect.stringContaining(key) });

describe("a folder with other people's objects", () => {
  it.each([
    'images/logo.png',
    'images/1163.jpg',
    'images/report.pdf',
    'images/deeper/1163.jpg',
    'report.pdf',
    'metadata.csv',
    'metadata.json',
    'manifest.json',
    'docs/read/me.txt',
  ])('(%s) is refused by name, and nothing of it is changed', async (file) => {
    const folder = uniqueName('site');
    await put(`${folder}/${file}`);
    await expect(exportDataset(aws, folder, await shoes, options)).rejects.toMatchObject(foreign(`${folder}/${file}`));
    expect(await filesOf(aws, folder)).toEqual([file]);
    expect(await textOf(aws, `${folder}/${file}`)).toBe('mine');
  });

  it.each(['images/999999999.jpg', 'images/logo.png', 'metadata.csv', 'embeddings.f16', 'notes.txt'])(
    '(%s) beside a data set is refused as well, also to a job',
    async (file) => {
      const folder = uniqueName('site');
      const [first, ...others] = await shoes;
      await exportDataset(aws, folder, others, options);
      await put(`${folder}/${file}`);
      const before = await filesOf(aws, folder);
      const again = exportDataset(aws, folder, first ? [first] : [], { ...options, formats: ['csv'] });
      await expect(again).rejects.toMatchObject(foreign(`${folder}/${file}`));
      const job = pipeline.run({ where: queries.maleShoesFrom2012.where, folder }, { mode: 'queue' });
      await expect(job).rejects.toMatchObject(foreign(`${folder}/${file}`));
      expect(await filesOf(aws, folder)).toEqual(before);
      await remove(aws, [`${folder}/${file}`]);
      expect((await exportDataset(aws, folder, first ? [first] : [], options)).images.removed).toBe(others.length);
    },
  );

  it('that came while it was written keeps them', async () => {
    const folder = uniqueName('site');
    const products = await shoes;
    let came = false;
    const onProgress = () => {
      if (!came) void put(`${folder}/images/logo.png`);
      came = true;
    };
    await exportDataset(aws, folder, products, { ...options, onProgress });
    await expect.poll(() => filesOf(aws, folder)).toContain('images/logo.png');
    expect((await openDataset(aws, folder)).rows).toHaveLength(products.length);
  });

  it('holds for augmented images and predictions', async () => {
    const { dataset } = await exportDataset(aws, uniqueName('site'), (await shoes).slice(0, 2), options);
    for (const [below, made] of [
      ['augmented', () => pipeline.augment(dataset, [{ name: 'toGray', p: 1 }])],
      ['predictions', () => pipeline.infer(dataset)],
    ] as const) {
      const key = `${dataset.folder}/${below}/images/mine.jpg`;
      await put(key);
      await expect(made()).rejects.toMatchObject(foreign(key));
      expect(await textOf(aws, key)).toBe('mine');
    }
  });
});

describe('a data set below another', () => {
  it('is not touched by the one above', async () => {
    const above = uniqueName('nest');
    const [a, b, c] = await shoes;
    if (!a || !b || !c) return expect.fail();
    await exportDataset(aws, above, [a, b], options);
    await exportDataset(aws, `${above}/below`, [c], options);
    const before = await filesOf(aws, `${above}/below`);
    await exportDataset(aws, above, [a], options);
    expect(await filesOf(aws, `${above}/below`)).toEqual(before);
    expect(await filesOf(aws, `${above}/images`)).toEqual([`${a.id}.jpg`]);
  });
});

describe('a run that was stopped before it was complete', () => {
  it("is completed by another query: what it left is known as the kit's", async () => {
    const folder = uniqueName('stopped');
    const products = await shoes;
    const stop = new AbortController();
    const { s3 } = aws;
    let copies = 0;
    const send: typeof s3.send = (command, sending) => {
      if (command instanceof CopyObjectCommand && ++copies === 5) stop.abort();
      return s3.send(command, sending);
    };
    const stopped = exportDataset({ ...aws, s3: Object.assign(Object.create(s3), { send }) }, folder, products, {
      ...options,
      concurrency: 2,
      signal: stop.signal,
    });
    await expect(stopped).rejects.toThrow();
    const left = await filesOf(aws, folder);
    expect(left.length).toBeGreaterThan(0);
    const other = products.slice(-1);
    const { images } = await exportDataset(aws, folder, other, options);
    expect(images.removed).toBe(left.filter((file) => file !== `images/${other[0]?.id}.jpg`).length);
    expect(await filesOf(aws, folder)).toEqual([`images/${other[0]?.id}.jpg`, 'manifest.json', 'metadata.json']);
    expect(await getBytes(aws, `${folder}/images/${other[0]?.id}.jpg`)).toEqual(
      await getBytes(aws, `images/${other[0]?.id}.jpg`),
    );
  });

  it('is not said to be complete where its images have gone meanwhile', async () => {
    const folder = uniqueName('gone');
    const products = await shoes;
    const key = `${folder}/images/${products[0]?.id}.jpg`;
    const disturbed = sharedAws();
    sdkClient(disturbed.s3, S3Client).middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const result = await next(args);
          if (commandName === 'CopyObjectCommand') await remove(aws, [key]);
          return result;
        },
      { step: 'initialize' },
    );
    await expect(exportDataset(disturbed, folder, products, { ...options, concurrency: 1 })).rejects.toMatchObject({
      code: 'dataset.imagesGone',
      message: expect.stringContaining(`${products[0]?.id}.jpg`),
    });
    disturbed.close();
    await expect(openDataset(aws, folder)).rejects.toMatchObject({ code: 'dataset.notFound' });
    expect((await exportDataset(aws, folder, products, options)).images).toMatchObject({ copied: 1, removed: 0 });
  });
});

/** Clients that fail at the first request that `at` names. */
function failing(at: (command: string, key: string) => boolean) {
  const broken = sharedAws();
  sdkClient(broken.s3, S3Client).middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        const { Key = '' } = args.input as { Key?: string };
        if (at(commandName ?? '', Key)) throw new Error('stopped here');
        return next(args);
      },
    { step: 'initialize' },
  );
  return broken;
}

describe('what belongs together', () => {
  it('is not read where a run was stopped between manifest and metadata', async () => {
    const folder = uniqueName('pair');
    const products = await shoes;
    await exportDataset(aws, folder, products.slice(0, 10), options);
    const broken = failing((command, key) => command.startsWith('Put') && key === `${folder}/metadata.json`);
    await expect(exportDataset(broken, folder, products.slice(5), options)).rejects.toThrow('stopped here');
    broken.close();
    await expect(openDataset(aws, folder)).rejects.toMatchObject({
      code: 'dataset.incomplete',
      message: expect.stringMatching(/10 rows.*25 images.*Run its query again/),
    });
    const { images } = await exportDataset(aws, folder, products.slice(5), options);
    expect(images).toEqual({ copied: 0, unchanged: 25, removed: 5 });
    expect((await openDataset(aws, folder)).rows).toHaveLength(25);
  });

  it('is read as a pair beside runs that change it', async () => {
    const folder = uniqueName('pair');
    const products = await shoes;
    await exportDataset(aws, folder, products.slice(0, 20), options);
    let writing = true;
    const writer = (async () => {
      for (let i = 0; i < 12; i++) await exportDataset(aws, folder, products.slice(i % 2, 20 + (i % 3)), options);
      writing = false;
    })();
    while (writing) {
      const { rows, manifest } = await openDataset(aws, folder);
      expect(manifest.images.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    }
    await writer;
  });

  it('of images that are overwritten is no data set until all are', async () => {
    const { dataset } = await exportDataset(aws, uniqueName('pair'), (await shoes).slice(0, 6), options);
    const folder = `${dataset.folder}/augmented`;
    await pipeline.augment(dataset, [{ name: 'toGray', p: 1 }]);
    let puts = 0;
    const stop = new AbortController();
    const broken = failing((command, key) => {
      if (command.startsWith('Put') && key.endsWith('.jpg') && ++puts > 3) stop.abort();
      return false;
    });
    const flip = [{ name: 'horizontalFlip', p: 1 }];
    const { signal } = stop;
    await expect(new Pipeline(broken).augment(dataset, flip, { seed: 1, signal })).rejects.toThrow();
    broken.close();
    await expect(openDataset(aws, folder)).rejects.toMatchObject({ code: 'dataset.notFound' });
    const { manifest } = await pipeline.augment(dataset, flip, { seed: 1 });
    expect((await openDataset(aws, folder)).manifest).toEqual(manifest);
  });
});

describe('a derived data set', () => {
  it('says when its original has changed since, and how to renew it', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const folder = uniqueName('stale');
    const products = await shoes;
    const { dataset } = await exportDataset(aws, folder, products.slice(0, 3), options);
    await pipeline.augment(dataset, [{ name: 'toGray', p: 1 }]);
    expect((await openDataset(aws, `${folder}/augmented`)).stale).toBeUndefined();
    const { dataset: now } = await exportDataset(aws, folder, products.slice(1, 3), options);
    expect(warn).not.toHaveBeenCalled();
    const { stale } = await openDataset(aws, `${folder}/augmented`);
    expect(stale).toMatch(/augmented\/ was made of what .* held before\. To renew it, augment /);
    expect(warn).toHaveBeenCalledWith(stale);
    await pipeline.augment(now, [{ name: 'toGray', p: 1 }]);
    expect((await openDataset(aws, `${folder}/augmented`)).stale).toBeUndefined();
    warn.mockRestore();
  });
});

describe('what is derived from a selection', () => {
  const flip = [{ name: 'horizontalFlip', p: 0.5 }];

  it('is added to the predictions that are there, and never replaces them', async () => {
    const { dataset } = await exportDataset(aws, uniqueName('parts'), (await shoes).slice(0, 9), options);
    const model = await loadModel();
    const other: Model = { ...model, fingerprint: 'another' };
    const folder = `${dataset.folder}/predictions`;
    const few = dataset.select(dataset.rows.slice(2, 5).reverse());
    const first = await pipeline.infer(few, model);
    expect(first.rows.map(({ id }) => id)).toEqual(few.rows.map(({ id }) => id));
    const whole = await pipeline.infer(dataset, model);
    const before = await textOf(aws, `${folder}/metadata.json`);
    const again = await pipeline.infer(few, model);
    expect(again.rows).toEqual(first.rows);
    expect(await textOf(aws, `${folder}/metadata.json`)).toBe(before);
    const { embeddings, dimensions } = await whole.embeddings();
    const own = await again.embeddings();
    for (const [i, place] of [4, 3, 2].entries())
      expect(own.embeddings.slice(i * dimensions, (i + 1) * dimensions)).toEqual(
        embeddings.slice(place * dimensions, (place + 1) * dimensions),
      );
    await expect(pipeline.infer(few, other)).rejects.toMatchObject({
      code: 'dataset.otherSelection',
      message: expect.stringMatching(/6 other rows.*infer from the whole/),
    });
    expect(await textOf(aws, `${folder}/metadata.json`)).toBe(before);
    expect((await pipeline.infer(dataset, other)).manifest.model?.fingerprint).toBe('another');
    model.dispose();
  });

  it('is added to the variants that are there, and never replaces them', async () => {
    const { dataset } = await exportDataset(aws, uniqueName('parts'), (await shoes).slice(0, 8), options);
    const train = dataset.select(dataset.rows.slice(0, 5).map((row) => ({ ...row, split: 'train' })));
    const validation = dataset.select(dataset.rows.slice(5));
    const made = await pipeline.augment(train, flip, { variants: 2 });
    expect(made.rows).toHaveLength(10);
    expect((await pipeline.augment(validation, flip, { variants: 2 })).rows).toHaveLength(6);
    const folder = `${dataset.folder}/augmented`;
    const { rows } = await openDataset(aws, folder);
    expect(rows.slice(0, 10)).toEqual(made.rows);
    const before = await filesOf(aws, folder);
    expect(before.filter((file) => file.startsWith('images/'))).toHaveLength(16);
    await expect(pipeline.augment(validation, flip, { seed: 5 })).rejects.toMatchObject({
      code: 'dataset.otherSelection',
      message: expect.stringMatching(/5 other rows.*augment the whole/),
    });
    expect(await filesOf(aws, folder)).toEqual(before);
    const all = await pipeline.augment(dataset, flip, { variants: 2 });
    expect(all.rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
  });

  it('is refused where the data set was exported again since it was opened', async () => {
    const products = await shoes;
    const { dataset } = await exportDataset(aws, uniqueName('parts'), products.slice(0, 4), options);
    await exportDataset(aws, dataset.folder, products.slice(1, 4), options);
    for (const old of [dataset, dataset.select(dataset.rows.slice(2))])
      await expect(pipeline.augment(old, flip)).rejects.toMatchObject({
        code: 'dataset.changed',
        message: expect.stringContaining('Open it again'),
      });
  });
});
