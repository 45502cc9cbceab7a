import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { horizontalFlip } from '../../src/augment/index.js';
import { clients } from '../../src/aws/clients.js';
import { getBytes } from '../../src/aws/get-object.js';
import { putBytes } from '../../src/aws/put-object.js';
import { Catalogue, defineSchema, folderSource, seedCatalogue } from '../../src/catalogue/index.js';
import { nearDuplicates } from '../../src/curation/index.js';
import { noteBegun } from '../../src/dataset/index.js';
import { Pipeline } from '../../src/pipeline/index.js';
import { queueHandler } from '../../src/pipeline/queue/handle.js';
import { runWorker } from '../../src/pipeline/queue/worker.js';
import { expectSameAsDirect } from '../pipeline/queue/setup.js';
import { uniqueName } from '../server.js';
import { filesOf } from './shared.js';

const goods = defineSchema({ fields: { kind: 'string' }, indexes: [['kind']], id: 'string' });
type Good = NonNullable<typeof goods.product>;

const env = {
  ...inject('env'),
  ML_PIPELINE_TABLE: uniqueName('goods'),
  ML_PIPELINE_BUCKET: uniqueName('goods'),
  ML_PIPELINE_STACK: uniqueName('stack'),
};
// The handlers find their clients by the environment, as in Lambda.
Object.assign(process.env, env);
const aws = clients();
const pipeline = new Pipeline<Good>(aws);

const picture = (green: number) =>
  sharp({ create: { width: 40, height: 50, channels: 3, background: { r: 200, g: green, b: 40 } } });

/** Each product: its file's name, how that is encoded, and what becomes of it. */
const products: readonly [id: string, file: string, make: (image: Sharp) => Sharp, extension: string][] = [
  ['a', 'a.JPG', (image) => image.jpeg(), 'jpg'],
  ['b', 'b.jpeg', (image) => image.jpeg(), 'jpg'],
  ['c', 'c.PNG', (image) => image.png(), 'png'],
  ['d', 'd.webp', (image) => image.webp(), 'webp'],
  ['e', 'e.avif', (image) => image.avif(), 'avif'],
  ['f', 'f.gif', (image) => image.gif(), 'gif'],
  ['g', 'g.tif', (image) => image.tiff(), 'tiff'],
  // The names of these lie.
  ['h', 'h.jpg', (image) => image.png(), 'png'],
  ['i', 'i.png', (image) => image.webp(), 'webp'],
  ['j.png', 'j.png.jpg', (image) => image.gif(), 'gif'],
];
const types: Record<string, string> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
  tiff: 'image/tiff',
};
const bytesOf = new Map<string, Buffer>();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'goods-'));
  await mkdir(path.join(folder, 'images'));
  for (const [i, [id, file, make]] of products.entries()) {
    const bytes = await make(picture(20 * i)).toBuffer();
    bytesOf.set(id, bytes);
    await writeFile(path.join(folder, 'images', file), bytes);
  }
  await writeFile(path.join(folder, 'styles.csv'), ['id,kind', ...products.map(([id]) => `${id},x`)].join('\n'));
  await seedCatalogue(aws, await folderSource(folder, { schema: goods }));
});
afterAll(async () => {
  aws.close();
  await rm(folder, { recursive: true });
});

const imagesOf = products.map(([id, , , extension]) => `images/${id}.${extension}`).sort();
const query = { where: { kind: 'x' }, folder: 'goods' } as const;

describe('images of all formats', () => {
  it.each(['', 'goods/'])('lie byte for byte, by their own extension and type, in the folder %j', async (prefix) => {
    if (prefix) await pipeline.run(query);
    for (const [id, , , extension] of products) {
      const key = `${prefix}images/${id}.${extension}`;
      expect(Buffer.from(await getBytes(aws, key)).equals(bytesOf.get(id) ?? Buffer.of()), key).toBe(true);
      const { ContentType } = await aws.s3.send(new HeadObjectCommand({ Bucket: aws.bucket, Key: key }));
      expect(ContentType, key).toBe(types[extension]);
    }
    if (!prefix) return;
    expect((await filesOf(aws, 'goods')).filter((file) => file.startsWith('images/'))).toEqual(imagesOf);
    const { rows } = await pipeline.open('goods');
    expect(rows.map(({ imagePath }) => imagePath).sort()).toEqual(
      imagesOf.map((file) => `s3://${aws.bucket}/goods/${file}`),
    );
  });

  it('are not put or copied again', async () => {
    const { rows, images } = await seedCatalogue(aws, await folderSource(folder, { schema: goods }));
    expect([rows.written, images.put, images.unchanged, images.removed]).toEqual([0, 0, 10, 0]);
    const before = await pipeline.run(query);
    expect((await pipeline.run(query)).digest).toBe(before.digest);
  });

  it.each([
    ['jpeg', 'jpg'],
    ['png', 'png'],
    ['webp', 'webp'],
  ] as const)('are augmented as %s, and labelled', async (format, extension) => {
    const goods = await pipeline.run(query);
    const augmented = await pipeline.augment(goods, [horizontalFlip()], { format, variants: 2 });
    expect(augmented.manifest.images.map(({ file }) => file)).toEqual(
      products.flatMap(([id]) => [0, 1].map((variant) => `images/${id}_${variant}.${extension}`)),
    );
    for await (const { data } of augmented.images())
      expect(await sharp(data).metadata()).toMatchObject({ format, width: 40, height: 50 });
    // No file of another format is left of an earlier run.
    expect((await filesOf(aws, 'goods/augmented/images')).length).toBe(20);
  });

  it('are labelled, and found to be alike', async () => {
    const goods = await pipeline.run(query);
    expect((await pipeline.infer(goods)).rows).toHaveLength(10);
    const groups = await nearDuplicates(await pipeline.score(goods), { minSimilarity: 0.9 });
    expect(groups.length).toBeGreaterThan(0);
  });

  it('go through the queues with the same bytes', async () => {
    const stop = new AbortController();
    const worker = runWorker(aws, queueHandler, { signal: stop.signal });
    try {
      const queued = {
        ...query,
        folder: uniqueName('queued'),
        augment: { transforms: [horizontalFlip()], format: 'webp', quality: 80 },
        infer: true,
      } as const;
      const job = await pipeline.run(queued, { mode: 'queue', formats: ['csv'] });
      expect((await job.result()).report).toMatchObject({ exported: 10, augmented: 10, inferred: 10, failed: 0 });
      await expectSameAsDirect<Good>(aws, queued, ['csv']);
    } finally {
      stop.abort();
      await worker;
    }
  }, 240_000);

  it('that a run has put before it was stopped are its own, whatever their format; other files are not', async () => {
    await noteBegun(aws, 'halfway', ['images/c', 'images/d']);
    await putBytes(aws, 'halfway/images/c.png', 'half', { type: 'image/png' });
    expect((await pipeline.run({ ...query, folder: 'halfway' })).rows).toHaveLength(10);
    await noteBegun(aws, 'strange', ['images/c', 'images/d']);
    await putBytes(aws, 'strange/images/c.svg', 'mine', { type: 'image/svg+xml' });
    await expect(pipeline.run({ ...query, folder: 'strange' })).rejects.toMatchObject({
      code: 'dataset.foreignFiles',
      message: expect.stringContaining('strange/images/c.svg'),
    });
  });

  it('leave no second file where a product’s image changes its format', async () => {
    const changed = await picture(0).png().toBuffer();
    await writeFile(path.join(folder, 'images', 'a.JPG'), changed);
    // Nor on a real account, where what is not in the source stays.
    const { rows, images } = await seedCatalogue({ ...aws, real: true }, await folderSource(folder, { schema: goods }));
    expect([rows.written, images.put, images.unchanged, images.removed]).toEqual([1, 1, 9, 1]);
    expect(await filesOf(aws, 'images')).toEqual([
      'a.png',
      ...imagesOf.map((file) => file.slice('images/'.length)).filter((file) => file !== 'a.jpg'),
    ]);
    expect(await (await Catalogue.open<Good>(aws)).query({ id: 'a' }).toArray()).toMatchObject([
      { imagePath: `s3://${aws.bucket}/images/a.png` },
    ]);
    const { rows: exported } = await pipeline.run(query);
    expect(exported[0]?.imagePath).toBe(`s3://${aws.bucket}/goods/images/a.png`);
    const files = (await filesOf(aws, 'goods/images')).filter((file) => file.startsWith('a.'));
    expect(files).toEqual(['a.png']);
  });
});
