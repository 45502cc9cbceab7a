import { copyFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dataset } from '../dataset.js';
import { type TestServer, testServer, uniqueName } from '../server.js';
import { type Folder, realFolder } from './folder.js';
import { type Gate, gate } from './gate.js';
import { json, run } from './script.js';

describe.skipIf(!dataset)('on real products', () => {
  let server: TestServer;
  let door: Gate;
  let folder: Folder;
  let env: Record<string, string>;
  let s3: S3Client;
  beforeAll(async () => {
    server = await testServer();
    door = await gate(server.endpoint);
    s3 = new S3Client(server.config);
  });
  afterAll(async () => {
    await door.close();
    await server.close();
  });
  beforeEach(async () => {
    folder = await realFolder(100, 30);
    env = {
      ...server.env,
      AWS_ENDPOINT_URL: door.endpoint,
      ML_PIPELINE_TABLE: uniqueName('table'),
      ML_PIPELINE_BUCKET: uniqueName('bucket'),
    };
  });
  afterEach(() => folder.remove());

  const seed = async (...args: string[]) => json(await run('seed', ['--dataset', folder.path, '--json', ...args], env));
  const query = async (number: number) => json(await run('query', ['--query', String(number), '--json'], env));
  const Bucket = () => env.ML_PIPELINE_BUCKET;
  const getJson = async (Key: string) =>
    JSON.parse(
      (await (await s3.send(new GetObjectCommand({ Bucket: Bucket(), Key }))).Body?.transformToString()) ?? '',
    );
  const keys = async (Prefix: string) =>
    (await s3.send(new ListObjectsV2Command({ Bucket: Bucket(), Prefix }))).Contents?.map(({ Key }) => Key) ?? [];

  test('images that are empty, cut off or other files are listed, their products left out', async () => {
    const [empty = 0, cut = 0, other = 0, ...good] = folder.ids;
    await writeFile(folder.image(empty), '');
    await truncate(folder.image(cut), 700);
    await writeFile(folder.image(other), '<html>not found</html>');
    const { rows, images } = await seed();
    expect(rows).toMatchObject({ read: 100, written: 97 });
    expect(images.put).toBe(97);
    expect(images.failed).toEqual(
      [
        { id: empty, stage: 'put', code: 'image.unreadable', reason: 'The image is empty (0 bytes).' },
        {
          id: cut,
          stage: 'put',
          code: 'image.unreadable',
          reason: expect.stringMatching(/bytes\) cannot be decoded: it is cut off\./),
        },
        {
          id: other,
          stage: 'put',
          code: 'image.unreadable',
          reason: expect.stringMatching(/bytes\) cannot be decoded: it is a web page/),
        },
      ].sort((a, b) => a.id - b.id),
    );
    expect((await query(1)).products).toBe(good.slice(0, 27).length);
    expect(await keys('images/')).toEqual(good.map((id) => `images/${id}.jpg`).sort());
  });

  test('an image that has gone bad takes its product out of the catalogue, and a good one brings it back', async () => {
    const [first = 0] = folder.ids;
    const good = await readFile(folder.image(first));
    await seed();
    await writeFile(folder.image(first), '');
    expect(await seed()).toMatchObject({
      rows: { written: 0, unchanged: 99, removed: 1 },
      images: { unchanged: 99, removed: 1 },
    });
    expect((await query(1)).products).toBe(29);
    await writeFile(folder.image(first), good);
    expect(await seed()).toMatchObject({
      rows: { written: 1, unchanged: 99 },
      images: { put: 1, unchanged: 99, failed: [] },
    });
    expect((await query(1)).products).toBe(30);
  });

  test('more than a tenth of bad images stop the seeding, saying how many and why', async () => {
    for (const id of folder.ids.slice(0, 11)) await writeFile(folder.image(id), '');
    const { status, stdout, stderr } = await run('seed', ['--dataset', folder.path, '--json'], env);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      new RegExp(
        String.raw`^error: Stopped: 11 of 100 items failed, the last one \(\d+\) in put: ` +
          String.raw`The image is empty \(0 bytes\)\. What was done is kept; fix the cause and run it again\.$`,
        'm',
      ),
    );
  });

  test('a second seeding writes nothing; after changes it writes exactly those', async () => {
    expect(await seed()).toMatchObject({
      rows: { read: 100, written: 100, unchanged: 0, removed: 0 },
      images: { put: 100, unchanged: 0, removed: 0 },
    });
    expect(await seed()).toMatchObject({
      rows: { read: 100, written: 0, unchanged: 100, removed: 0 },
      images: { put: 0, unchanged: 100, removed: 0 },
    });
    const [first = 0, second = 0] = folder.ids;
    await folder.edit(2, (line) =>
      line.replace(/,[^,]*,Fall,|,[^,]*,Summer,|,[^,]*,Winter,|,[^,]*,Spring,/, ',Pink,Spring,'),
    );
    await copyFile(folder.image(first), folder.image(second));
    expect(await seed()).toMatchObject({
      rows: { written: 1, unchanged: 99, removed: 0 },
      images: { put: 1, unchanged: 99, removed: 0 },
    });
    await folder.write(folder.lines().slice(0, -1));
    expect(await seed()).toMatchObject({
      rows: { read: 99, written: 0, unchanged: 99, removed: 1 },
      images: { put: 0, unchanged: 99, removed: 1 },
    });
    expect(await keys('images/')).toHaveLength(99);
  });

  test('after the sample, a data set leaves none of its products', async () => {
    json(await run('seed', ['--json'], env));
    expect(await seed()).toMatchObject({ rows: { written: 100, removed: 720 }, images: { put: 100, removed: 720 } });
    expect(await keys('images/')).toEqual(folder.ids.map((id) => `images/${id}.jpg`).sort());
    const all = json(await run('query', ['--where', '{}', '--to', 'all', '--json'], env));
    expect(all).toMatchObject({ products: 100, exported: 100, failed: 0, failures: [] });
    const bare = await run('seed', ['--json'], env);
    expect(bare).toMatchObject({ status: 2, stdout: '' });
    expect(bare.stderr).toMatch(/holds 100 products of .*; give --sample to replace them by .*, or --dataset DIR\n/);
    expect(await keys('images/')).toHaveLength(100);
  });

  test.each([
    [4, 'augment', 'query_male_shoes_from_2012_with_albu', 'augmented'],
    [5, 'infer', 'query_male_shoes_from_2012_with_cv', 'predictions'],
  ])(
    'an image that is bad in the bucket fails alone in query %i; once it is replaced, only it is done again',
    async (number, stage, parent, below) => {
      await seed();
      const bad = folder.ids.slice(0, 3).sort((a, b) => a - b);
      const bodies = [
        new Uint8Array(),
        (await readFile(folder.image(bad[1] ?? 0))).subarray(0, 700),
        Buffer.from('not an image'),
      ];
      for (const [i, id] of bad.entries())
        await s3.send(new PutObjectCommand({ Bucket: Bucket(), Key: `images/${id}.jpg`, Body: bodies[i] }));

      const { status, stdout, stderr } = await run('query', ['--query', String(number), '--json'], env);
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        products: 30,
        exported: 30,
        failed: 3,
        [number === 4 ? 'augmented' : 'inferred']: 27,
      });
      for (const id of bad) expect(stderr).toMatch(new RegExp(`^failed: ${stage} of ${id}: The image .+`, 'm'));
      const { failures, count } = await getJson(`${parent}/${below}/manifest.json`);
      expect(count).toBe(27);
      expect(failures.map(({ id, stage, code }: Record<string, unknown>) => ({ id, stage, code }))).toEqual(
        bad.map((id) => ({ id, stage, code: 'image.unreadable' })),
      );
      expect(await getJson(`${parent}/${below}/metadata.json`)).toHaveLength(27);

      for (const id of bad)
        await s3.send(
          new PutObjectCommand({ Bucket: Bucket(), Key: `images/${id}.jpg`, Body: await readFile(folder.image(id)) }),
        );
      door.open();
      expect(await query(number)).toMatchObject({
        products: 30,
        failed: 0,
        [number === 4 ? 'augmented' : 'inferred']: 30,
      });
      expect((await getJson(`${parent}/${below}/manifest.json`)).failures).toEqual([]);
      // The step, and the export before it, which compares the bytes in the catalogue and in the folder.
      expect(door.passed('GetImage')).toBe(9);
    },
  );
});
