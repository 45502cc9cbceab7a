import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clients } from '../../src/aws/clients.js';
import { putBytes } from '../../src/aws/put-object.js';
import { type CatalogueSource, defineSchema, type Entry, folderSource } from '../../src/catalogue/index.js';
import { closedBuckets } from '../closed-buckets.js';
import { testServer, uniqueName } from '../server.js';

const server = await testServer();
const bucket = uniqueName('source');
const aws = clients({ env: server.env, bucket });
const schema = defineSchema({ id: 'string', fields: { species: 'string', height: 'number' } });
const square = sharp({ create: { width: 8, height: 8, channels: 3, background: '#33aa33' } });
const [jpeg, png] = await Promise.all([square.clone().jpeg().toBuffer(), square.clone().png().toBuffer()]);
let folder: string;

const put = (key: string, body: string | Uint8Array) => putBytes(aws, key, body, { type: 'text/plain' });
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 's3-'));
  await aws.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await put('photos/', '');
  await put('photos/A 1.JPG', jpeg);
  await put('photos/deep/ö%+.png', png);
  await put('photographs.jpg', jpeg);
});
afterAll(async () => {
  aws.close();
  await server.close();
  await rm(folder, { recursive: true });
});

const there = (rows: string, rest: object = {}) =>
  folderSource(folder, { schema, rows: `s3://${bucket}/${rows}`, images: `s3://${bucket}/photos/`, aws, ...rest });
async function all(source: CatalogueSource<Entry>) {
  const problems: string[] = [];
  const products: Entry[] = [];
  for await (const product of source.products(undefined, ({ line, reason }) => problems.push(`${line}: ${reason}`)))
    products.push(product);
  return { products, problems };
}

describe('a source in S3', () => {
  it('has its rows and images there, by id or by a column of names in any spelling', async () => {
    await put('rows.csv', 'id,species,height\nA 1,oak,1\nA 2,oak,2\n');
    const byId = await there('rows.csv');
    expect(await all(byId)).toEqual({
      products: [{ id: 'A 1', species: 'oak', height: 1 }],
      problems: [`3: s3://${bucket}/photos/A 2.jpg does not exist`],
    });
    expect(Buffer.from(await byId.image('A 1')).equals(jpeg)).toBe(true);
    const rows = [
      ['x', 'a 1.jpg'],
      ['y', 'deep/o\u0308%+.png'],
      ['z', `s3://${bucket}/photos/A 1.JPG`],
      ['w', 'photos/A 1.JPG'],
      ['v', '../photographs.jpg'],
    ];
    await put('names.jsonl', rows.map(([id, photo]) => JSON.stringify({ id, species: 'elm', photo })).join('\n'));
    const byName = await there('names.jsonl', { image: 'photo' });
    const { products, problems } = await all(byName);
    expect(products.map(({ id }) => id)).toEqual(['x', 'y', 'z', 'w']);
    expect(problems).toEqual([expect.stringMatching(/^5: .*photographs.jpg does not exist/)]);
    expect(Buffer.from(await byName.image('y')).equals(png)).toBe(true);
  });

  it('is read in parts, characters and lines across them whole', async () => {
    const lines = Array.from({ length: 90_000 }, (_, i) => `${i},${'ä日'.repeat(20)} ${i},${i}`);
    await put('long.csv', `id,species,height\n${lines.join('\n')}`);
    const source = await there('long.csv');
    const { problems } = await all(source);
    const missing = lines.map((_, i) => `${i + 2}: s3://${bucket}/photos/${i}.jpg does not exist`);
    expect(problems).toHaveLength(lines.length);
    expect(problems.at(-1)).toBe(missing.at(-1));
    expect(problems[60_000]).toBe(missing[60_000]);
  });

  it('may be Parquet, of which ranges are read', async () => {
    const [bytes] = await Promise.all([
      readFile(path.join(import.meta.dirname, 'parquet', 'snappy.parquet')),
      put('photos/7.jpg', jpeg),
      put('photos/y.png', png),
    ]);
    await put('rows.parquet', bytes);
    const shop = defineSchema({ id: 'string', fields: { name: 'string', tags: 'string[]' } });
    const { products } = await all(await there('rows.parquet', { schema: shop, id: 'sku' }));
    expect(products).toEqual([
      { id: '7', name: 'größe' },
      { id: 'y', name: 'scarf', tags: ['b'] },
    ]);
  });

  it('says what is not there, not an address, changed meanwhile, or not to be read', async () => {
    await expect(there('none.csv')).rejects.toMatchObject({
      code: 'source.noFile',
      message: expect.stringContaining(`s3://${bucket}/none.csv does not exist at ${server.endpoint}`),
    });
    await expect(there('rows.csv', { images: `s3://${bucket}/none/` })).rejects.toMatchObject({
      code: 'source.noFile',
    });
    await expect(there('rows.csv', { images: `s3://${uniqueName('none')}/x` })).rejects.toMatchObject({
      code: 'aws.bucketMissing',
    });
    await expect(there('rows.csv', { images: 's3:///x' })).rejects.toMatchObject({ code: 'source.badAddress' });
    await expect(there('rows.csv', { aws: undefined })).rejects.toMatchObject({ code: 'source.noClients' });
    const proxy = await closedBuckets(server.endpoint);
    const behind = clients({ env: { ...server.env, AWS_ENDPOINT_URL: proxy.endpoint }, bucket });
    for (const [where, code] of [
      ['denied', 'aws.denied'],
      ['elsewhere', 'aws.otherRegion'],
    ] as const) {
      const message = expect.stringContaining(where);
      await expect(
        folderSource(folder, { schema, rows: `s3://${where}/rows.csv`, images: 's3://photos/', aws: behind }),
      ).rejects.toMatchObject({ code, message });
      await expect(there('rows.csv', { images: `s3://${where}/photos/`, aws: behind })).rejects.toMatchObject({
        code,
        message,
      });
    }
    behind.close();
    await proxy.close();
    const source = await there('rows.csv');
    await put('rows.csv', 'id,species,height\nA 1,oak,17\n');
    await expect(all(source)).rejects.toMatchObject({ code: 'source.changed' });
    const fields = { fields: { species: 'string' }, images: `s3://${bucket}/photos`, rows: 'x.csv' };
    await writeFile(path.join(folder, 'fields.json'), JSON.stringify(fields));
    await writeFile(path.join(folder, 'x.csv'), 'id,species\n1,oak');
    await expect(folderSource(folder, { aws })).rejects.toMatchObject({ code: 'source.outside' });
    expect((await all(await folderSource(folder, { aws, followLinks: true }))).problems).toHaveLength(1);
  });
});
