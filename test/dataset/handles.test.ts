import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { augmentImage, centerCrop, randomCrop, resize } from '../../src/augment/index.js';
import { type Aws, clients, listLevel, putBytes } from '../../src/aws/index.js';
import { seedCatalogue } from '../../src/catalogue/index.js';
import type { Dataset } from '../../src/dataset/index.js';
import { Pipeline } from '../../src/pipeline/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { type TestServer, testServer, uniqueName } from '../server.js';

let server: TestServer;
let aws: Aws;
let pipeline: Pipeline;
const ids = (count: number, from = 0) => ({ where: { id: { in: known.slice(from, from + count) } } });
let known: number[];

beforeAll(async () => {
  server = await testServer();
  aws = clients({ env: server.env, table: uniqueName('handles'), bucket: uniqueName('handles') });
  await seedCatalogue(aws, sampleSource({ products: 30 }));
  pipeline = new Pipeline(aws);
  const all = await pipeline.run({ where: {}, folder: 'all' });
  known = all.rows.map(({ id }) => Number(id));
});
afterAll(async () => {
  aws.close();
  await server.close();
});

describe('a folder without a data set', () => {
  const opened = (folder: string) => pipeline.open(folder).then(String, ({ message }: Error) => message);

  it('is refused with those that there are, the most similar name first', async () => {
    await pipeline.run({ ...ids(2), folder: 'women_warm' });
    await pipeline.run({ ...ids(2), folder: 'trial/jackets' });
    await putBytes(aws, 'notes/read.txt', 'mine', { type: 'text/plain' });
    expect(await opened('women_warn')).toMatch(
      /women_warn\/ has no complete data set\. Did you mean 'women_warm'\? There is also 'all'\. Run its query first/,
    );
    expect(await opened('nothing_like_it')).toContain("There are 'all', 'women_warm'. Run its query first");
    expect(await opened('trial/jacket')).toContain("Did you mean 'trial/jackets'? There are also 'all', 'women_warm'.");
    expect(await opened('women_warm/augmented')).toContain("Did you mean 'women_warm'?");
  });

  it('is refused without them where the bucket cannot be listed', async () => {
    const locked = { ...aws, s3: { send: vi.fn(aws.s3.send.bind(aws.s3)) } } as unknown as Aws;
    vi.mocked(locked.s3.send).mockImplementation(((command: { constructor: { name: string } }, ...rest: []) =>
      command.constructor.name.startsWith('List')
        ? Promise.reject(new Error('AccessDenied'))
        : aws.s3.send(command as never, ...rest)) as never);
    await expect(new Pipeline(locked).open('women_warn')).rejects.toMatchObject({
      code: 'dataset.notFound',
      message: expect.stringMatching(/has no complete data set\. Run its query first/),
    });
  });
});

describe('a data set whose folder was made again since it was opened', () => {
  let old: Dataset;
  const again = {
    code: 'dataset.changed',
    message: expect.stringMatching(
      /again\/ was made again at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, since .* Open it again\./,
    ),
  };

  beforeAll(async () => {
    old = await pipeline.run({ ...ids(3), folder: 'again' });
    await pipeline.run({ ...ids(2, 10), folder: 'again' });
  });

  it('says so, instead of that an image does not exist', async () => {
    const [row] = old.rows;
    if (!row) throw new Error('no row');
    await expect(old.image(row)).rejects.toMatchObject(again);
    await expect(old.sample(2)).rejects.toMatchObject(again);
    await expect(old.select([row]).picture(row)).rejects.toMatchObject(again);
    await expect(pipeline.augment(old, [resize(8, 8)])).rejects.toMatchObject(again);
    await expect(pipeline.score(old)).rejects.toMatchObject(again);
    const { rows } = await pipeline.open('again');
    expect(rows).toHaveLength(2);
  });

  it('gives no embeddings of other images as its own', async () => {
    const first = await pipeline.run({ ...ids(3), folder: 'labelled' });
    const before = await pipeline.infer(first);
    expect((await before.embeddings()).items).toHaveLength(3);
    await pipeline.infer(await pipeline.run({ ...ids(3, 5), folder: 'labelled' }));
    await expect(before.embeddings()).rejects.toMatchObject({ code: 'dataset.changed' });
  });
});

describe('a chain of transforms that fits no image', () => {
  it.each([
    ['a crop larger than the images', [randomCrop(500, 700)], /is 60x80 pixels, too small for a crop of 500x700/],
    ['one after a resize', [resize(64, 64), centerCrop(65, 60)], /is 64x64 pixels, too small for a crop of 65x60/],
  ])('is one error with the sizes, before anything is written: %s', async (_, transforms, message) => {
    const dataset = await pipeline.open('all');
    await expect(pipeline.augment(dataset, transforms)).rejects.toMatchObject({
      code: 'augment.imageTooSmall',
      message: expect.stringMatching(message),
    });
    expect(await listLevel(aws, 'all/augmented/')).toEqual({ keys: [], folders: [] });
  });

  it('but fits others is said of the image alone', async () => {
    const dataset = await pipeline.run({ ...ids(12, 12), folder: 'mixed' });
    const [row] = dataset.rows;
    if (!row) throw new Error('no row');
    const small = await augmentImage(await dataset.image(row), [resize(30, 40)], { seed: 0, id: 0 });
    await putBytes(aws, `mixed/images/${row.id}.jpg`, small.data, { type: 'image/jpeg' });
    const { rows, manifest } = await pipeline.augment(dataset, [randomCrop(50, 70)]);
    expect(rows).toHaveLength(11);
    expect(manifest.failures).toMatchObject([{ id: row.id, code: 'augment.imageTooSmall' }]);
  });
});
