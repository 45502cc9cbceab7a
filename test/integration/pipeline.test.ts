import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Applied, horizontalFlip, randomCrop, replay, resize, rotate } from '../../src/augment/index.js';
import { remove } from '../../src/aws/bucket.js';
import { getBytes } from '../../src/aws/get-object.js';
import { list } from '../../src/aws/listing.js';
import { Catalogue } from '../../src/catalogue/index.js';
import { exportDataset, openDataset } from '../../src/dataset/index.js';
import { attributes, loadModel, type Model } from '../../src/model/index.js';
import { Pipeline, queries, queryOf } from '../../src/pipeline/index.js';
import { uniqueName } from '../server.js';
import { filesOf, sharedAws } from './shared.js';

const aws = sharedAws();
const pipeline = new Pipeline(aws);
const known = inject('catalogue') !== 'sample';
let model: Model;
beforeAll(async () => {
  model = await loadModel();
});
afterAll(() => {
  model.dispose();
  aws.close();
});

/** The ETags below a folder. */
async function etagsOf(folder: string): Promise<Map<string, string>> {
  const etags = new Map<string, string>();
  for await (const { key, etag } of list(aws, `${folder}/`)) etags.set(key, etag);
  return etags;
}

/** A small data set of men's shoes in a folder of its own. */
async function smallDataset(n: number) {
  const products = await new Catalogue(aws).query(queries.maleShoesFrom2012.where, { limit: n }).toArray();
  return (
    await exportDataset(aws, uniqueName('small'), products, { query: { where: {}, table: aws.table, plan: 'test' } })
  ).dataset;
}

describe('a named query', () => {
  it('1 exports and reports', async () => {
    const { report } = await pipeline.run({ ...queries.maleShoesFrom2012, folder: uniqueName('q1') });
    expect(report).toMatchObject({
      query: 1,
      name: 'maleShoesFrom2012',
      exported: report.products,
      augmented: 0,
      inferred: 0,
      failed: 0,
    });
    if (known) expect(report.products).toBe(684);
    expect(report.readUnits.consumed).toBeLessThan(report.readUnits.scan ?? 0);
  });

  it('3 finds nothing in the real catalogue, which is a result', async () => {
    const folder = uniqueName('q3');
    const run = await pipeline.run({ ...queries.unisexHeelsCasual2011, folder });
    if (known) expect(run.report).toMatchObject({ products: 0, exported: 0, failed: 0 });
    expect(await filesOf(aws, folder)).toContain('metadata.json');
  });

  it('4 keeps the originals and puts a 256x256 image of each beside them; run again it changes nothing', async () => {
    const folder = uniqueName('q4');
    const run = await pipeline.run({ ...queries.maleShoesFrom2012Augmented, folder });
    const files = await filesOf(aws, folder);
    const originals = files.filter((file) => file.startsWith('images/'));
    const augmented = files.filter((file) => file.startsWith('augmented/images/'));
    expect(originals).toHaveLength(run.report.products);
    expect(augmented).toHaveLength(run.report.products);
    expect(run.report).toMatchObject({ augmented: augmented.length, failed: 0 });
    if (known) expect(augmented).toHaveLength(684);
    for await (const { data, row } of run.augmented?.images() ?? []) {
      const { width, height, format } = await sharp(data).metadata();
      expect({ id: row.id, width, height, format }).toEqual({ id: row.id, width: 256, height: 256, format: 'jpeg' });
    }
    const before = await etagsOf(folder);
    await pipeline.run({ ...queries.maleShoesFrom2012Augmented, folder });
    expect(await etagsOf(folder)).toEqual(before);
  });

  it('5 gives every image a label and a confidence for each attribute, beside its own', async () => {
    const folder = uniqueName('q5');
    const { inferred, report } = await pipeline.run({ ...queries.maleShoesFrom2012Labelled, folder }, { model });
    expect(report).toMatchObject({ inferred: report.products, failed: 0 });
    if (known) expect(report.inferred).toBe(684);
    expect(inferred?.folder).toBe(`${folder}/predictions`);
    for (const row of inferred?.rows ?? []) {
      for (const attribute of attributes) {
        const labels = model.attributes.find(({ name }) => name === attribute)?.labels;
        expect(labels).toContain(row[`${attribute}Predicted`]);
        expect(row[`${attribute}Confidence`]).toBeGreaterThan(0);
        expect(row[`${attribute}Confidence`]).toBeLessThanOrEqual(1);
      }
    }
    const right = inferred?.rows.filter((row) => row.subCategoryPredicted === row.subCategory).length ?? 0;
    if (known) expect(right / report.products).toBeGreaterThan(0.9);
    const before = await etagsOf(folder);
    await pipeline.run({ ...queries.maleShoesFrom2012Labelled, folder }, { model });
    expect(await etagsOf(folder)).toEqual(before);
  });

  it('5 keeps the embeddings of the images beside the metadata', async () => {
    const dataset = await smallDataset(8);
    const { embeddings, dimensions, items } = await (await pipeline.infer(dataset, model)).embeddings();
    const opened = await openDataset(aws, `${dataset.folder}/predictions`);
    expect(await opened.embeddings()).toEqual({ embeddings, dimensions, items });
    expect([dimensions, embeddings.length, items.map(({ id }) => id)]).toEqual([
      model.dimensions,
      8 * dimensions,
      dataset.rows.map(({ id }) => id),
    ]);
    const [own] = await model.embed([await dataset.image(dataset.rows[3] ?? expect.fail())]);
    expect(own).toBeInstanceOf(Float32Array);
    // Half precision keeps three digits of numbers that are below 1.
    Float32Array.from(own as Float32Array).forEach((value, i) =>
      expect(embeddings[3 * dimensions + i]).toBeCloseTo(value, 3),
    );
    await expect(dataset.embeddings()).rejects.toMatchObject({ code: 'dataset.noEmbeddings' });
  });

  it('5 labels anew what an earlier run left without embeddings', async () => {
    const dataset = await smallDataset(4);
    const inferred = await pipeline.infer(dataset, model);
    const before = await etagsOf(inferred.folder);
    await remove(aws, [`${inferred.folder}/embeddings.f16`]);
    await pipeline.infer(dataset, model);
    expect(await etagsOf(inferred.folder)).toEqual(before);
  });

  it('a head trained on a data set labels it by an attribute of one’s own', async () => {
    const dataset = await smallDataset(120);
    const wide = dataset.select(
      dataset.rows.map((row) => ({ ...row, tone: row.baseColour === 'Black' ? 'dark' : 'other' })),
    );
    const out = await mkdtemp(path.join(tmpdir(), 'head-'));
    const { metric, images } = await pipeline.trainHead(wide, { attribute: 'tone', out });
    expect(images.trained + images.heldOut).toBe(dataset.rows.length);
    expect(metric.accuracy).toBeGreaterThanOrEqual(metric.majority - 0.1);
    const tones = await loadModel(out);
    const inferred = await pipeline.infer(wide, tones);
    const right = inferred.rows.filter((row) => row.tonePredicted === row.tone);
    expect(right.length / inferred.rows.length).toBeGreaterThan(0.8);
    tones.dispose();
    await rm(out, { recursive: true });
  });

  it('is found by its number or its name, and an unknown one is refused', () => {
    expect(queryOf(4)).toBe(queries.maleShoesFrom2012Augmented);
    expect(queryOf('2')).toBe(queries.womanFootwearSports2011);
    expect(queryOf('unisexHeelsCasual2011')).toBe(queries.unisexHeelsCasual2011);
    for (const wrong of [0, 6, 1.5, '', 'seven'])
      expect(() => queryOf(wrong)).toThrowError(
        expect.objectContaining({
          code: 'query.unknown',
          message: expect.stringContaining('5 maleShoesFrom2012Labelled'),
        }),
      );
  });
});

describe('a selection of a data set', () => {
  it('has the rows given with their images, and is labelled and augmented as any other', async () => {
    const dataset = await smallDataset(5);
    const [, second, , fourth] = dataset.rows;
    const some = dataset.select([fourth, second].flatMap((row) => (row ? [{ ...row, mark: 1 }] : [])));
    expect(some.rows.map(({ id, mark }) => [id, mark])).toEqual([
      [fourth?.id, 1],
      [second?.id, 1],
    ]);
    expect(some.manifest.images.map(({ id }) => id)).toEqual([fourth?.id, second?.id]);
    expect((await pipeline.infer(some, model)).rows.map(({ id, mark }) => [id, mark])).toEqual([
      [fourth?.id, 1],
      [second?.id, 1],
    ]);
    expect(() => dataset.select([{ ...(second ?? expect.fail()), imagePath: 's3://elsewhere/1.jpg' }])).toThrowError(
      expect.objectContaining({ code: 'dataset.strangeRow' }),
    );
  });
});

describe('augmentation of a data set', () => {
  const transforms = [horizontalFlip({ p: 0.5 }), rotate({ limit: 10 }), randomCrop(50, 70), resize(128, 128)];

  it('makes n variants of each image, each of which its metadata can replay', async () => {
    const dataset = await smallDataset(6);
    const augmented = await pipeline.augment(dataset, transforms, { seed: 7, variants: 3 });
    expect(augmented.rows.map(({ id, variant }) => [id, variant])).toEqual(
      dataset.rows.flatMap(({ id }) => [0, 1, 2].map((variant) => [id, variant])),
    );
    const digests = new Set<string>();
    for await (const { data, row } of augmented.images()) {
      const original = await getBytes(aws, `images/${row.id}.jpg`);
      const again = await replay(original, row.transforms as Applied[]);
      expect(Buffer.compare(again.data, data)).toBe(0);
      digests.add(createHash('md5').update(data).digest('hex'));
    }
    expect(digests.size).toBe(18);
  });

  it('opens again with its lineage', async () => {
    const dataset = await smallDataset(3);
    const augmented = await pipeline.augment(dataset, transforms, { seed: 7 });
    const opened = await openDataset(aws, `${dataset.folder}/augmented`);
    expect(opened.rows).toEqual(augmented.rows);
    expect(opened.manifest).toMatchObject({
      kind: 'augmented',
      parent: { folder: dataset.folder, digest: dataset.digest },
      augmentation: { seed: 7, variants: 1 },
    });
  });

  it('of variants gives each of them variants of its own', async () => {
    const dataset = await smallDataset(2);
    const first = await pipeline.augment(dataset, [horizontalFlip({ p: 0.5 })], { variants: 2 });
    const second = await pipeline.augment(first, [rotate({ limit: 20 })], { variants: 2 });
    expect(second.rows.map(({ imagePath }) => imagePath.split('/').at(-1))).toEqual(
      dataset.rows.flatMap(({ id }) => [`${id}_0_0.jpg`, `${id}_0_1.jpg`, `${id}_1_0.jpg`, `${id}_1_1.jpg`]),
    );
    const angles = second.rows.map(({ transforms }) => JSON.stringify(transforms));
    expect(new Set(angles).size).toBe(8);
  });

  it('makes anew what another seed, chain or number of variants changes, and removes what is left over', async () => {
    const dataset = await smallDataset(4);
    const folder = `${dataset.folder}/augmented`;
    await pipeline.augment(dataset, transforms, { seed: 7, variants: 2 });
    const before = await etagsOf(`${folder}/images`);
    await pipeline.augment(dataset, transforms, { seed: 7, variants: 1 });
    const fewer = await etagsOf(`${folder}/images`);
    expect(fewer.size).toBe(4);
    for (const [key, etag] of fewer) expect(before.get(key)).toBe(etag);
    await pipeline.augment(dataset, transforms, { seed: 8 });
    const other = await etagsOf(`${folder}/images`);
    expect([...other].filter(([key, etag]) => fewer.get(key) === etag)).toEqual([]);
  });

  it('lists an image that cannot be decoded, goes on with the rest, and catches up once it is repaired', async () => {
    const dataset = await smallDataset(12);
    const [broken] = dataset.rows;
    const key = `${dataset.folder}/images/${broken?.id}.jpg`;
    const whole = await getBytes(aws, key);
    await aws.s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: key, Body: whole.subarray(0, 200) }));
    const augmented = await pipeline.augment(dataset, transforms);
    expect(augmented.rows).toHaveLength(11);
    expect(augmented.manifest.failures).toMatchObject([{ id: broken?.id, stage: 'augment', code: 'image.unreadable' }]);
    const inferred = await pipeline.infer(dataset, model);
    expect(inferred.rows).toHaveLength(11);
    expect(inferred.manifest.failures).toMatchObject([{ id: broken?.id, stage: 'infer', code: 'image.unreadable' }]);
    await aws.s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: key, Body: whole }));
    const before = await etagsOf(`${dataset.folder}/augmented/images`);
    const mended = await pipeline.augment(dataset, transforms);
    expect(mended.manifest.failures).toEqual([]);
    const after = await etagsOf(`${dataset.folder}/augmented/images`);
    expect(after.size).toBe(12);
    for (const [unchanged, etag] of before) expect(after.get(unchanged)).toBe(etag);
    expect((await pipeline.infer(dataset, model)).rows).toHaveLength(12);
  });

  it('with a crop larger than the images stops, naming both sizes', async () => {
    const dataset = await smallDataset(3);
    await expect(pipeline.augment(dataset, [randomCrop(100, 100)])).rejects.toMatchObject({
      code: 'augment.imageTooSmall',
      message: expect.stringMatching(/(?=.*100x100)(?=.*60x80)/),
    });
  });

  it('refuses what makes no sense before it begins', async () => {
    const dataset = await smallDataset(1);
    await expect(pipeline.augment(dataset, [{ name: 'randomCorp' }])).rejects.toMatchObject({
      message: expect.stringContaining("'randomCorp'"),
    });
    await expect(pipeline.augment(dataset, transforms, { variants: 0 })).rejects.toMatchObject({
      code: 'augment.badVariants',
    });
    await expect(pipeline.augment(dataset, transforms, { seed: 0.5 })).rejects.toMatchObject({
      code: 'augment.badSeed',
    });
  });
});

describe('inference on a data set', () => {
  /** The model, counting the images that it is given. */
  function counting(fingerprint: string) {
    const counted = { images: 0 };
    const counter: Model = {
      ...model,
      fingerprint,
      predictAll: (items, options) =>
        model.predictAll(items, {
          ...options,
          data: (item) => {
            counted.images++;
            return options.data(item);
          },
        }),
    };
    return { counted, counter };
  }

  it('keeps what the same model said of the same image, and asks another model anew', async () => {
    const dataset = await smallDataset(5);
    const first = counting('first');
    const inferred = await pipeline.infer(dataset, first.counter);
    expect((await pipeline.infer(dataset, first.counter)).rows).toEqual(inferred.rows);
    expect(first.counted.images).toBe(5);
    const second = counting('second');
    const other = await pipeline.infer(dataset, second.counter);
    expect(second.counted.images).toBe(5);
    expect(other.manifest.model?.fingerprint).toBe('second');
  });
});

describe('what is scored', () => {
  it('is not computed again for training and labelling, which need the images no more', async () => {
    const small = await smallDataset(30);
    const sides = small.select(small.rows.map((row) => ({ ...row, side: Number(row.id) % 2 === 0 ? 'even' : 'odd' })));
    const own = new Pipeline(aws);
    const scored = await own.score(small, model);
    await remove(
      aws,
      [...(await etagsOf(small.folder)).keys()].filter((key) => key.endsWith('.jpg')),
    );
    const out = await mkdtemp(path.join(tmpdir(), 'side-'));
    try {
      const { folder } = await own.trainHead(sides, { attribute: 'side', out, minImages: 1 });
      const head = await loadModel(folder);
      const [labelled, sided] = [await own.infer(small, model), await own.infer(small, head)];
      head.dispose();
      expect(labelled.rows.map((row) => row.genderPredicted)).toEqual(
        scored.predictions.map(({ gender }) => gender?.label),
      );
      expect(new Set(sided.rows.map((row) => row.sidePredicted))).toEqual(new Set(['even', 'odd']));
    } finally {
      await rm(out, { recursive: true });
    }
    // Another pipeline has scored nothing.
    await expect(new Pipeline(aws).score(small, model)).rejects.toMatchObject({ code: 'run.tooManyFailures' });
  });

  it('counts an augmented image as trained on where the original is', async () => {
    const small = await smallDataset(12);
    const augmented = await pipeline.augment(small, [horizontalFlip({ p: 1 })], { variants: 2 });
    const [originals, variants] = [await pipeline.score(small, model), await pipeline.score(augmented, model)];
    const known = new Map(originals.items.map(({ id }, i) => [id, originals.trainedOn?.[i]]));
    expect([...known.values()]).toContain(true);
    expect(variants.trainedOn).toEqual(variants.items.map(({ id }) => known.get(id)));
  });
});
