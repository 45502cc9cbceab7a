import { CopyObjectCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, it } from 'vitest';
import { sdkClient } from '../../src/aws/clients.js';
import { getBytes } from '../../src/aws/get-object.js';
import { list } from '../../src/aws/listing.js';
import { Catalogue, type Product } from '../../src/catalogue/index.js';
import { formatNames, formats } from '../../src/dataset/formats/index.js';
import {
  completeDataset,
  type ExportOptions,
  exportDataset,
  exportStream,
  openDataset,
  type Part,
} from '../../src/dataset/index.js';
import { queries } from '../../src/pipeline/index.js';
import { chunks } from '../../src/work/chunks.js';
import { uniqueName } from '../server.js';
import { filesOf, sharedAws, textOf } from './shared.js';

const aws = sharedAws();
afterAll(() => aws.close());
const options: ExportOptions = { query: { where: {}, table: aws.table, plan: 'test' } };
const shoes = new Catalogue(aws).query(queries.maleShoesFrom2012.where).toArray();
const some = async (n: number) => (await shoes).slice(0, n);
const columns = [
  'id',
  'gender',
  'masterCategory',
  'subCategory',
  'articleType',
  'baseColour',
  'season',
  'year',
  'usage',
  'productDisplayName',
  'imagePath',
];

/** A product whose image is elsewhere in the bucket. */
async function withImage(product: Product, key: string, body?: Uint8Array): Promise<Product> {
  if (body) await aws.s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: key, Body: body }));
  else
    await aws.s3.send(
      new CopyObjectCommand({ Bucket: aws.bucket, Key: key, CopySource: `${aws.bucket}/images/${product.id}.jpg` }),
    );
  return { ...product, imagePath: `s3://${aws.bucket}/${key}` };
}

describe('an export', () => {
  it('has the image of every product, byte for byte, and their metadata in the 11 columns', async () => {
    const folder = uniqueName('export');
    const products = await shoes;
    const { images } = await exportDataset(aws, folder, products, options);
    expect(images).toEqual({ copied: products.length, unchanged: 0, removed: 0 });
    const expected = [...products.map(({ id }) => `images/${id}.jpg`), 'manifest.json', 'metadata.json'].sort();
    expect(await filesOf(aws, folder)).toEqual(expected);
    const rows = JSON.parse(await textOf(aws, `${folder}/metadata.json`)) as Record<string, unknown>[];
    expect(rows.map(({ id }) => id)).toEqual(products.map(({ id }) => id).sort((a, b) => a - b));
    for (const row of rows) expect(Object.keys(row)).toEqual(columns);
    const first = products.find(({ id }) => id === rows[0]?.id);
    expect(rows[0]).toMatchObject({ ...first, imagePath: `s3://${aws.bucket}/${folder}/images/${first?.id}.jpg` });
    const copied = new Map<string, string>();
    for await (const { key, etag } of list(aws, `${folder}/images/`)) copied.set(key.slice(folder.length + 1), etag);
    for await (const { key, etag } of list(aws, 'images/')) if (copied.has(key)) expect(copied.get(key)).toBe(etag);
  });

  it('of thousands of rows has the same files, in however many parts they come', async () => {
    const ids = Array.from({ length: 2500 }, (_, i) => i + 1);
    const failures = [{ id: 3000, stage: 'infer', code: 'image.unreadable', reason: 'The image is empty (0 bytes).' }];
    const part = (ids: number[]): Part => ({
      rows: ids.map((id) => ({ id, gender: 'Men', imagePath: `s3://${aws.bucket}/images/${id}.jpg` })),
      images: ids.map((id) => ({ id, file: `images/${id}.jpg`, etag: String(id), source: `images/${id}.jpg` })),
      embeddings: Buffer.from(Uint16Array.from(ids.flatMap((id) => [id, 1])).buffer),
      failures: ids.includes(2500) ? failures : [],
    });
    const written = async (parts: Part[]) => {
      const folder = uniqueName('export');
      const { digest, manifest } = await completeDataset(
        aws,
        folder,
        parts,
        { kind: 'predictions', columns: ['id', 'gender'] },
        { formats: formatNames },
      );
      const files = await filesOf(aws, folder);
      const further = formatNames.map((name) => formats[name].file);
      expect(files).toEqual(['embeddings.f16', 'manifest.json', 'metadata.json', ...further].sort());
      return {
        digest,
        manifest,
        files: Object.fromEntries(
          await Promise.all(files.map(async (file) => [file, await getBytes(aws, `${folder}/${file}`)] as const)),
        ),
      };
    };
    const whole = await written([part(ids)]);
    expect(whole.manifest).toMatchObject({ count: 2500, dimensions: 2, failures });
    expect(Buffer.from(whole.files['embeddings.f16'] ?? [])).toEqual(part(ids).embeddings);
    expect(JSON.parse(Buffer.from(whole.files['metadata.json'] ?? []).toString())).toEqual(part(ids).rows);
    expect(await written(chunks(ids, 700).map(part))).toEqual(whole);
  });

  it('of a result of any size is the same whether its rows are kept or not, in any order', async () => {
    const [{ imagePath }] = (await some(1)) as [Product];
    const products = Array.from({ length: 620 }, (_, i): Product => ({ id: 2_000_000 + ((i * 7) % 620), imagePath }));
    const folder = uniqueName('export');
    const stream = async function* (found: Product[]) {
      yield* found;
    };
    const written = () =>
      Promise.all(['metadata.json', 'manifest.json'].map((file) => textOf(aws, `${folder}/${file}`)));
    const { manifest, ...streamed } = await exportStream(aws, folder, stream(products), options);
    expect(streamed).toEqual({ products: 620, images: { copied: 620, unchanged: 0, removed: 0 } });
    const before = await written();
    const { dataset, images } = await exportDataset(aws, folder, [...products].reverse(), options);
    expect(images).toEqual({ copied: 0, unchanged: 620, removed: 0 });
    expect(await written()).toEqual(before);
    expect(dataset.rows.map(({ id }) => id)).toEqual(products.map(({ id }) => id).sort((a, b) => a - b));
    expect({ ...dataset.manifest, images: undefined }).toEqual({ ...manifest, images: undefined });
    expect(dataset.digest).toBe((await openDataset(aws, folder)).digest);
  });

  it('of nothing is an empty data set', async () => {
    const folder = uniqueName('export');
    await exportDataset(aws, folder, [], options);
    expect(JSON.parse(await textOf(aws, `${folder}/metadata.json`))).toEqual([]);
    const dataset = await openDataset(aws, folder);
    expect(dataset.rows).toEqual([]);
    expect(dataset.metadata.columnNames()).toEqual(columns);
    expect(await dataset.sample(10)).toEqual([]);
  });

  it('run again copies nothing and gives the same bytes', async () => {
    const folder = uniqueName('export');
    const products = await some(40);
    await exportDataset(aws, folder, products, options);
    const before = await Promise.all([textOf(aws, `${folder}/metadata.json`), textOf(aws, `${folder}/manifest.json`)]);
    const { images } = await exportDataset(aws, folder, [...products].reverse(), options);
    expect(images).toEqual({ copied: 0, unchanged: 40, removed: 0 });
    expect(await Promise.all([textOf(aws, `${folder}/metadata.json`), textOf(aws, `${folder}/manifest.json`)])).toEqual(
      before,
    );
  });

  it('run again copies what is missing or has changed, and removes what no longer belongs', async () => {
    const folder = uniqueName('export');
    const [a, b, c, d] = (await some(4)) as [Product, Product, Product, Product];
    const changing = await withImage(a, `elsewhere/${folder}.jpg`);
    await exportDataset(aws, folder, [changing, b, c, d], { ...options, formats: ['csv'] });
    await withImage(a, `elsewhere/${folder}.jpg`, await getBytes(aws, `images/${b.id}.jpg`));
    await aws.s3.send(new DeleteObjectCommand({ Bucket: aws.bucket, Key: `${folder}/images/${c.id}.jpg` }));
    const { images } = await exportDataset(aws, folder, [changing, b, c], options);
    expect(images).toEqual({ copied: 2, unchanged: 1, removed: 1 });
    expect(await filesOf(aws, folder)).toEqual(
      [...[a, b, c].map(({ id }) => `images/${id}.jpg`), 'manifest.json', 'metadata.json'].sort(),
    );
    expect(await getBytes(aws, `${folder}/images/${a.id}.jpg`)).toEqual(await getBytes(aws, `images/${b.id}.jpg`));
  });

  it('leaves out a product whose image is gone, tells why, and takes it up again when it is back', async () => {
    const folder = uniqueName('export');
    const [a, b] = (await some(2)) as [Product, Product];
    const gone = { ...a, imagePath: `s3://${aws.bucket}/elsewhere/${folder}.jpg` };
    const { dataset } = await exportDataset(aws, folder, [gone, b], options);
    expect(dataset.rows.map(({ id }) => id)).toEqual([b.id]);
    expect(dataset.manifest.failures).toEqual([
      {
        id: a.id,
        stage: 'copy',
        code: 's3.notFound',
        reason: `s3://${aws.bucket}/elsewhere/${folder}.jpg does not exist.`,
      },
    ]);
    await withImage(a, `elsewhere/${folder}.jpg`);
    const again = await exportDataset(aws, folder, [gone, b], options);
    expect(again.images).toEqual({ copied: 1, unchanged: 1, removed: 0 });
    expect(again.dataset.manifest.failures).toEqual([]);
  });

  it('stops where too many images are gone, and leaves no metadata', async () => {
    const folder = uniqueName('export');
    const gone = (await some(30)).map((product) => ({
      ...product,
      imagePath: `s3://${aws.bucket}/nowhere/${product.id}.jpg`,
    }));
    await expect(exportDataset(aws, folder, gone, options)).rejects.toMatchObject({ code: 'run.tooManyFailures' });
    expect(await filesOf(aws, folder)).toEqual([]);
  });

  it('stopped half way leaves no metadata, and completes when it is run again', async () => {
    const folder = uniqueName('export');
    const products = await some(60);
    const stop = new AbortController();
    const stopping = sharedAws();
    let copies = 0;
    sdkClient(stopping.s3, S3Client).middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === 'CopyObjectCommand' && ++copies === 20) stop.abort();
          return next(args);
        },
      { step: 'initialize' },
    );
    await expect(
      exportDataset(stopping, folder, products, { ...options, concurrency: 2, signal: stop.signal }),
    ).rejects.toThrow();
    stopping.close();
    await expect(openDataset(aws, folder)).rejects.toMatchObject({ code: 'dataset.notFound' });
    const { images } = await exportDataset(aws, folder, products, options);
    expect(images.copied + images.unchanged).toBe(60);
    expect(images.unchanged).toBeGreaterThan(0);
  });

  it('writes the metadata as CSV and JSON Lines, too', async () => {
    const folder = uniqueName('export');
    const products = await some(5);
    await exportDataset(aws, folder, products, { ...options, formats: ['csv', 'jsonl'] });
    const lines = (await textOf(aws, `${folder}/metadata.jsonl`))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual(JSON.parse(await textOf(aws, `${folder}/metadata.json`)));
    const csv = (await textOf(aws, `${folder}/metadata.csv`)).trim().split('\n');
    expect(csv[0]).toBe(columns.join(','));
    expect(csv).toHaveLength(6);
  });

  it('refuses a format that there is not, before it copies anything', async () => {
    const folder = uniqueName('export');
    const formats = ['csv', 'xml'] as ExportOptions['formats'];
    await expect(exportDataset(aws, folder, await some(1), { ...options, formats })).rejects.toMatchObject({
      code: 'dataset.unknownFormat',
      message: expect.stringContaining(`'xml'. The formats are ${formatNames.join(', ')}.`),
    });
    expect(await filesOf(aws, folder)).toEqual([]);
  });

  const refused = ['../up', '/absolute', 'images', 'catalogue/x', 'a//b', '', 'with space', '.hidden'];
  const parts = ['nest/images', 'nest/images/deeper', 'nest/augmented', 'predictions/x', 'a/predictions/b'];
  it.each([...refused, ...parts])("refuses the folder '%s'", async (folder) => {
    await expect(exportDataset(aws, folder, [], options)).rejects.toMatchObject({ code: 'dataset.badFolder' });
  });
});

describe('an opened data set', () => {
  it('gives metadata, images in order, and the same random sample for the same seed', async () => {
    const folder = uniqueName('export');
    await exportDataset(aws, folder, await some(50), options);
    const dataset = await openDataset(aws, folder);
    expect(dataset.metadata.numRows()).toBe(50);
    const ids: unknown[] = [];
    for await (const { id, data, row } of dataset.images({ prefetch: 4 })) {
      expect(row.id).toBe(id);
      expect(Buffer.from(data.subarray(0, 3)).toString('hex')).toBe('ffd8ff');
      ids.push(id);
    }
    expect(ids).toEqual(dataset.rows.map(({ id }) => id));
    const sampled = async (seed: number) => (await dataset.sample(10, { seed })).map(({ id }) => id);
    const first = await sampled(1);
    expect(new Set(first).size).toBe(10);
    expect(await sampled(1)).toEqual(first);
    expect(await sampled(2)).not.toEqual(first);
    expect(await dataset.sample(500)).toHaveLength(50);
    await expect(dataset.sample(-1)).rejects.toMatchObject({ code: 'dataset.badSample' });
  });

  it('that is not there is a clear error', async () => {
    await expect(openDataset(aws, 'nowhere')).rejects.toMatchObject({
      code: 'dataset.notFound',
      message: expect.stringMatching(/nowhere.*Run its query/),
    });
  });

  it('whose metadata somebody broke is a clear error', async () => {
    const folder = uniqueName('export');
    await exportDataset(aws, folder, await some(1), options);
    await aws.s3.send(
      new PutObjectCommand({ Bucket: aws.bucket, Key: `${folder}/metadata.json`, Body: '[{"id": "x"}]' }),
    );
    await expect(openDataset(aws, folder)).rejects.toMatchObject({ code: 'dataset.malformed' });
  });
});
