import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBucket, remove } from '../../src/aws/bucket.js';
import { type Aws, clients } from '../../src/aws/clients.js';
import { getBytes } from '../../src/aws/get-object.js';
import { putBytes } from '../../src/aws/put-object.js';
import { defineSchema, imageKey } from '../../src/catalogue/index.js';
import {
  type Dataset,
  exportDataset,
  type Row,
  type WriteFormat,
  type WriteOptions,
  writeFormats,
} from '../../src/dataset/index.js';
import { writeDataset } from '../../src/dataset/training/index.js';
import { labelNames } from '../../src/dataset/training/label-name.js';
import { encodeJpeg } from '../../src/image/index.js';
import { randomFrom } from '../../src/work/random.js';
import { filesOf } from '../integration/shared.js';
import { type TestServer, testServer, uniqueName } from '../server.js';
import { digests, sha256 } from './digests.js';
import { hasReaders, needsReaders, type Read, readWritten, runCard } from './readers.js';

const shop = defineSchema({
  id: 'string',
  fields: {
    type: 'string',
    price: 'number',
    stock: 'number',
    since: 'date',
    seen: 'date',
    sold: 'boolean',
    tags: 'string[]',
    rare: 'string',
  },
  indexes: [['type']],
});
const types = ['Casual Shoes', 'shoes', 'Shoes', 'a/b: "c"', '..', 'Überzieher 日本', undefined, 'con'];
const ids = ['JK-0815', 'a.b', 'a/b', ' 7', 'x'.repeat(190), '日本', '07', '.hidden'].concat(
  Array.from({ length: 40 }, (_, i) => `P-${i}`),
);
type Item = NonNullable<typeof shop.product>;
const items = ids.map((id, i): Item => {
  const type = types[i % types.length];
  return {
    id,
    ...(type !== undefined && { type }),
    price: i % 3 === 0 ? 19.5 + i : i,
    stock: i % 2 === 0 ? -i : 2 ** 40 + i,
    since: `2024-05-${String(1 + (i % 28)).padStart(2, '0')}`,
    ...(i % 4 > 0 && { seen: `2024-05-31T18:${10 + (i % 40)}:00.000Z` }),
    sold: i % 2 === 0,
    tags: i % 5 === 0 ? [] : [`tag ${i}`, 'a,b'],
  };
});

let server: TestServer;
let aws: Aws;
let root: string;
/** Split into sides; the rows of the side `train` alone have a value of `rare`. */
let shoes: Dataset;
let folder: string;
const at = (...names: string[]) => path.join(root, ...names);

async function picture(id: string): Promise<Buffer> {
  const random = randomFrom(3, id);
  const data = Uint8Array.from({ length: 24 * 16 * 3 }, () => random() * 256);
  return encodeJpeg({ data, width: 24, height: 16 }, 90);
}

beforeAll(async () => {
  server = await testServer();
  aws = clients({ env: { ...server.env, ML_PIPELINE_BUCKET: uniqueName('write') } });
  root = await mkdtemp(path.join(os.tmpdir(), 'ml-pipeline-write-'));
  await ensureBucket(aws);
  const products = await Promise.all(
    items.map(async (item) => {
      await putBytes(aws, imageKey(item.id), await picture(item.id), { type: 'image/jpeg' });
      return { ...item, imagePath: `s3://${aws.bucket}/${imageKey(item.id)}` };
    }),
  );
  folder = uniqueName('shop');
  const query = { where: { type: 'x' }, table: 'Shop', plan: 'test' };
  const { dataset } = await exportDataset(aws, folder, products, { query, schema: shop });
  const { all } = await dataset.split({ train: 0.6, validation: 0.2, test: 0.2 });
  shoes = all.select(all.rows.map((row) => ({ ...row, rare: row.split === 'train' ? 'only here' : null })));
});
afterAll(async () => {
  aws.close();
  await server.close();
  await rm(root, { recursive: true, force: true });
});

const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: unknown) => Reflect.get(Object(error), 'code'),
  );
const options: WriteOptions = { label: 'type', shardBytes: 20_000 };
const formats = Object.keys(writeFormats) as WriteFormat[];
const withImages = formats.filter((name) => writeFormats[name].imageFile || writeFormats[name].shard);

describe(`what is written is read by the format's own reader${needsReaders}`, () => {
  /** The rows with the digests of their pixels, as Python reads them from the data set's own files. */
  let expected: Read[];
  beforeAll(async () => {
    if (!hasReaders) return;
    await shoes.write('folder', at('read', 'folder'));
    for (const { id } of shoes.rows) {
      const name = imageKey(id);
      const [copy, original] = [await readFile(at('read', 'folder', name)), await getBytes(aws, name)];
      expect(copy.equals(original)).toBe(true);
    }
    expected = await readWritten('folder', at('read', 'folder'));
    expect(expected.map(({ fields }) => fields)).toEqual(expect.arrayContaining(shoes.rows.map((row) => ({ ...row }))));
    expect(expected).toHaveLength(ids.length);
  });
  const labelled = () => expected.filter(({ fields }) => fields.type !== null);

  it.skipIf(!hasReaders).each([
    ['huggingface', (read: Read) => read.fields],
    ['parquet', (read: Read) => read.fields],
    ['webdataset', (read: Read) => read.fields],
    ['classes', ({ fields: { folder: _, ...fields } }: Read) => fields],
  ] as const)('%s: every row, its pixels and its fields', async (format, fieldsOf) => {
    const written = await shoes.write(format, at('read', format), options);
    const read = await readWritten(format, at('read', format));
    const all = format === 'classes' ? labelled() : expected;
    expect(read.map((one) => ({ ...one, fields: fieldsOf(one) }))).toEqual(all);
    if (format === 'classes')
      expect(read.map(({ fields }) => fields.folder)).toEqual(all.map(({ fields }) => fields.type));
    expect(written.rows).toBe(all.length);
  });

  it.skipIf(!hasReaders)('tfrecord: every row, its pixels and the fields that have a value', async () => {
    await shoes.write('tfrecord', at('read', 'tfrecord'), options);
    const read = await readWritten('tfrecord', at('read', 'tfrecord'));
    expect(read.map(({ side, id, pixels }) => ({ side, id, pixels }))).toEqual(
      expected.map(({ side, id, pixels }) => ({ side, id, pixels })),
    );
    const asFeature = (value: unknown) => [value].flat().map((one) => (typeof one === 'boolean' ? Number(one) : one));
    for (const [i, { fields }] of read.entries())
      for (const [name, value] of Object.entries(expected[i]?.fields ?? {}))
        if (name !== 'id') expect(fields[name]).toEqual(value === null ? undefined : asFeature(value));
  });

  it.skipIf(!hasReaders)('sagemaker: every row with the place of its image and the number of its label', async () => {
    await shoes.write('sagemaker', at('read', 'sagemaker'), options);
    const read = await readWritten('sagemaker', at('read', 'sagemaker'));
    const labels = [...new Set(items.flatMap(({ type }) => type ?? []))].sort();
    for (const [i, { side, fields }] of read.entries()) {
      const { imagePath, type, ...row } = expected[i]?.fields ?? {};
      expect(side).toBe(row.split);
      expect(fields['source-ref']).toBe(imagePath);
      expect(fields.class).toBe(type === null ? undefined : labels.indexOf(String(type)));
      expect(fields).toMatchObject(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)));
    }
  });

  it.skipIf(!hasReaders)('parquet with references: every row, and the address of its image', async () => {
    await shoes.write('parquet', at('read', 'references'), { references: true });
    const read = await readWritten('references', at('read', 'references'));
    expect(read).toEqual(expected.map((one) => ({ ...one, pixels: null })));
  });

  it.skipIf(!hasReaders).each([
    ['folder', [[]]],
    ['huggingface', [[]]],
    ['classes', [['torchvision'], ['keras']]],
    ['parquet', [[]]],
    ['references', [[]]],
    ['webdataset', [[]]],
    ['tfrecord', [['tensorflow']]],
    ['sagemaker', [['sagemaker']]],
    ['csv', [[]]],
    ['jsonl', [[]]],
  ])('%s: the lines of its card run, as far as their packages are there', async (format, mayLack) => {
    const to = at('read', format);
    const name = format === 'references' ? 'parquet' : (format as WriteFormat);
    const how = format === 'references' ? { references: true } : options;
    await shoes.write(name, to, format === 'folder' ? {} : how);
    const lacks = await runCard(to);
    expect(lacks).toHaveLength(mayLack.length);
    for (const [i, packages] of lacks.entries()) expect(mayLack[i]).toEqual(expect.arrayContaining(packages));
  });

  it.skipIf(!hasReaders)('without a split it is one part', async () => {
    const whole = shoes.select(shoes.rows.map(({ split: _, ...row }) => row));
    for (const format of ['huggingface', 'parquet', 'webdataset'] as const) {
      await whole.write(format, at('whole', format));
      const read = await readWritten(format, at('whole', format));
      expect(read.map(({ id }) => id).sort()).toEqual([...ids].sort());
      expect(new Set(read.map(({ side }) => side))).toEqual(new Set([format === 'webdataset' ? 'data' : 'train']));
    }
  });
});

describe.each(formats)('written as %s', (format) => {
  it('it is the same bytes again, also in S3; what is there is not written again', async () => {
    const first = await shoes.write(format, at('once', format), options);
    const second = await shoes.write(format, at('again', format), options);
    const should = await digests(at('once', format));
    expect(await digests(at('again', format))).toEqual(should);
    expect(Object.keys(should)).toEqual(expect.arrayContaining([...first.files, 'README.md', '.ml-pipeline.json']));
    expect(second.kept).toBe(0);

    const place = uniqueName('written');
    await shoes.write(format, `s3://${aws.bucket}/${place}`, options);
    const inS3 = await Promise.all(
      (await filesOf(aws, place)).map(async (name) => [name, sha256(await getBytes(aws, `${place}/${name}`))]),
    );
    expect(Object.fromEntries(inS3)).toEqual(should);

    for (const to of [at('once', format), `s3://${aws.bucket}/${place}`]) {
      const again = await shoes.write(format, to, options);
      const pieces = writeFormats[format].shard
        ? again.files.filter((file) => /^(train|validation|test)-/.test(file)).length
        : writeFormats[format].imageFile
          ? again.rows
          : 0;
      expect(again.kept).toBe(pieces);
    }
    expect(await digests(at('once', format))).toEqual(should);
  });
});

describe.each(withImages)('%s that was stopped half way', (format) => {
  it('has no file that looks whole, and comes to the same end', async () => {
    const [to, whole] = [at('stopped', format), at('undisturbed', format)];
    await shoes.write(format, whole, options);
    const stop = new AbortController();
    let asked = 0;
    const source = {
      ...shoes,
      uri: shoes.uri,
      image(row: Row, signal?: AbortSignal) {
        if (++asked === 25) stop.abort(new Error('stopped'));
        return shoes.image(row, signal);
      },
    };
    const stopped = writeDataset({ aws, source, to, options: { ...options, signal: stop.signal } }, format);
    await expect(stopped).rejects.toThrow(/stopped|aborted/);
    const left = await digests(to);
    const should = await digests(whole);
    expect(JSON.parse(await readFile(path.join(to, '.ml-pipeline.json'), 'utf8'))).toMatchObject({ complete: false });
    for (const [file, digest] of Object.entries(left))
      if (file !== '.ml-pipeline.json') expect({ file, digest }).toEqual({ file, digest: should[file] });
    await writeFile(path.join(to, '.ml-pipeline-999999999-0.part'), 'half');
    await shoes.write(format, to, options);
    expect(await digests(to)).toEqual(should);
  });
});

describe('a target', () => {
  it('with other files is refused, and they stay where it is overwritten', async () => {
    const to = at('taken');
    await mkdir(to);
    await writeFile(path.join(to, 'mine.txt'), 'mine');
    await expect(shoes.write('parquet', to)).rejects.toThrow(
      /has 1 other file, such as mine\.txt\. Name another place/,
    );
    const written = await shoes.write('parquet', to, { overwrite: true });
    expect(written.others).toEqual(['mine.txt']);
    expect(inspect(written)).toMatch(
      /^parquet: 48 rows \(train \d+, .*1 file not of this data set, such as mine\.txt$/,
    );
    expect(await readFile(path.join(to, 'mine.txt'), 'utf8')).toBe('mine');
  });

  it('with another data set is refused, and emptied of it where it is overwritten', async () => {
    const to = at('other');
    await shoes.write('classes', to, options);
    const fewer = shoes.select(shoes.rows.slice(0, 10));
    expect(await code(fewer.write('classes', to, options))).toBe('write.notEmpty');
    expect(await code(shoes.write('webdataset', to))).toBe('write.notEmpty');
    const { kept, rows } = await fewer.write('classes', to, { ...options, overwrite: true });
    expect(kept).toBe(rows);
    await fewer.write('classes', at('fresh'), options);
    expect(await digests(to)).toEqual(await digests(at('fresh')));
    expect(await readdir(path.join(to, 'train'))).toEqual(await readdir(at('fresh', 'train')));
  });

  it.each(['', 's3://', 's3://bucket', 's3://bucket/', 's3://bucket/../x', 'http://x/y', 's3://UPPER/x'])(
    "cannot be '%s'",
    async (to) => expect(await code(shoes.write('csv', to))).toBe('write.badPlace'),
  );

  it('cannot be where the kit keeps its own files, nor a data set itself', async () => {
    expect(await code(shoes.write('csv', `s3://${aws.bucket}/images/x`))).toBe('write.badPlace');
    expect(await code(shoes.write('csv', `${shoes.uri}`, { overwrite: true }))).toBe('write.isDataset');
    expect(await code(shoes.write('csv', `${shoes.uri}mine`, { overwrite: true }))).toBe('write.isDataset');
    expect(await code(shoes.write('csv', `s3://${uniqueName('nowhere')}/x`))).toBe('aws.bucketMissing');
  });

  it('that two write to at the same time is not a mixture of both in silence', async () => {
    const half = shoes.select(shoes.rows.slice(0, 20));
    const ends = await Promise.allSettled([
      shoes.write('webdataset', at('both'), options),
      half.write('webdataset', at('both'), options),
    ]);
    const failed = ends.filter(({ status }) => status === 'rejected');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed).toMatchObject(failed.map(() => ({ reason: { code: 'write.disturbed' } })));
  });

  it('that cannot be written says so', async () => {
    await writeFile(at('file'), 'x');
    expect(await code(shoes.write('csv', at('file', 'below')))).toMatch(/^file\./);
    expect(await code(shoes.write('csv', at('file')))).toMatch(/^file\./);
  });
});

describe('an image that fails', () => {
  it.each(withImages)('is in the failures and in none of the files (%s)', async (format) => {
    const gone = { ...shoes.rows[5] };
    const copy = shoes.rows.find(({ id }) => id === gone.id);
    const key = `${folder}/${imageKey(String(gone.id))}`;
    const bytes = await getBytes(aws, key);
    try {
      await putBytes(aws, key, await picture('another'), { type: 'image/jpeg' });
      const written = await shoes.write(format, at('failed', format), options);
      expect(written.failures).toMatchObject([{ id: copy?.id, stage: 'write', code: 'write.otherImage' }]);
      expect(written.rows).toBe(shoes.rows.length - 1 - written.unlabelled);
      expect(await readFile(at('failed', format, 'README.md'), 'utf8')).toContain('1 image could not be read');
    } finally {
      await putBytes(aws, key, bytes, { type: 'image/jpeg' });
    }
    await shoes.write(format, at('mended', format), options);
    await shoes.write(format, at('failed', format), options);
    expect(await digests(at('failed', format))).toEqual(await digests(at('mended', format)));
  });

  it('is left out of a manifest that refers to it', async () => {
    const key = `${folder}/${imageKey('P-3')}`;
    const bytes = await getBytes(aws, key);
    await remove(aws, [key]);
    const written = await shoes.write('sagemaker', at('failed', 'sagemaker'), options);
    await putBytes(aws, key, bytes, { type: 'image/jpeg' });
    expect(written.failures).toMatchObject([{ id: 'P-3', code: 's3.notFound' }]);
  });
});

describe('rows', () => {
  it('without a label are left out of classes, and counted', async () => {
    const written = await shoes.write('classes', at('labels'), options);
    expect(written.unlabelled).toBe(items.filter(({ type }) => type === undefined).length);
    expect(written.rows + written.unlabelled).toBe(items.length);
    expect(inspect(written)).toContain('6 rows without a label left out');
    expect(await code(shoes.write('classes', at('x')))).toBe('write.noLabel');
    expect(await code(shoes.write('classes', at('x'), { label: 'typ' }))).toBe('write.noField');
    expect(await code(shoes.write('classes', at('x'), { label: 'tags' }))).toBe('write.noField');
  });

  it('have augmented images of the training side alone, and predictions', async () => {
    const variants = shoes.rows.map((row): Row => ({ ...row, variant: 0, split: null }));
    const predicted = shoes.rows.slice(0, 30).map((row) => ({ ...row, typePredicted: 'shoes', typeConfidence: 0.5 }));
    const written = await shoes.write('jsonl', at('more'), {
      augmented: shoes.select(variants),
      predictions: shoes.select(predicted),
    });
    const training = shoes.rows.filter(({ split }) => split === 'train').length;
    expect(written.sides).toEqual({ ...written.sides, train: 2 * training });
    const rows = (await readFile(at('more', 'metadata.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.filter(({ variant }) => variant === 0).map(({ split }) => split)).toEqual(
      Array(training).fill('train'),
    );
    expect(rows.filter(({ typePredicted }) => typePredicted === 'shoes')).toHaveLength(30);
    const named = shoes.select(shoes.rows.map((row) => ({ ...row, split: 'a' })));
    expect(await code(named.write('jsonl', at('x'), { augmented: shoes }))).toBe('write.noTrainingSide');
    const torn = shoes.select(shoes.rows.map((row, i) => ({ ...row, split: i === 0 ? '../x' : 'a' })));
    expect(await code(torn.write('jsonl', at('x')))).toBe('write.noSide');
  });

  it('are none', async () => {
    for (const format of formats) {
      const { rows, files } = await shoes.select([]).write(format, at('none', format), options);
      expect({ rows, files: files.includes('README.md') }).toEqual({ rows: 0, files: true });
    }
  });

  it('can be there twice: each has a file', async () => {
    const [row] = shoes.rows;
    const twice = shoes.select(row ? [row, row] : []);
    const { files } = await twice.write('huggingface', at('twice'));
    expect(files.filter((file) => file.endsWith('.jpg'))).toHaveLength(2);
  });
});

it('the name of a label is safe everywhere, and gives the label back', () => {
  const labels = [
    'Casual Shoes',
    'a/b',
    '..',
    '.',
    'con',
    'CON.x',
    'Shoes',
    'shoes',
    'SHOES',
    'é',
    'e\u0301',
    'x.',
    ' y',
    '100%',
    'a:b*?"<>|\\',
    '\n',
    'ÄÖ',
  ];
  const names = labelNames(labels);
  expect(names.get('Casual Shoes')).toBe('Casual Shoes');
  expect(new Set([...names.values()].map((name) => name.normalize('NFC').toLowerCase())).size).toBe(labels.length);
  for (const [label, name] of names) {
    expect(decodeURIComponent(name)).toBe(label);
    expect(name).not.toMatch(/[/\\:*?"<>|\p{Cc}]|^\.|[. ]$|^ |^(con|nul)(\.|$)/iu);
  }
  expect(() => labelNames(['x'.repeat(300)])).toThrow(/too long for the name of a folder/);
});

it('an unknown format and a bad size are refused', async () => {
  expect(await code(shoes.write('parkuet' as WriteFormat, at('x')))).toBe('write.unknownFormat');
  expect(await code(shoes.write('parquet', at('x'), { shardBytes: 0 }))).toBe('write.badShard');
  await expect(shoes.write('tfrecord', at('x'), { references: true })).rejects.toThrow(/Those that have: parquet\./);
});
