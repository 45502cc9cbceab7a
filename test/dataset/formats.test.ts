import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ensureBucket } from '../../src/aws/bucket.js';
import { type Aws, clients } from '../../src/aws/clients.js';
import { getBytes } from '../../src/aws/get-object.js';
import { defineSchema } from '../../src/catalogue/index.js';
import {
  type Column,
  checkFormats,
  type FileFormat,
  formatNames,
  formatSchema,
  formats,
  type MetadataFormat,
} from '../../src/dataset/formats/index.js';
import { exportDataset, type Part, type Row } from '../../src/dataset/index.js';
import { writeFiles } from '../../src/dataset/write-files.js';
import { PipelineError } from '../../src/work/errors.js';
import { filesOf } from '../integration/shared.js';
import { type TestServer, testServer, uniqueName } from '../server.js';

let server: TestServer;
let aws: Aws;
beforeAll(async () => {
  server = await testServer();
  aws = clients({ env: { ...server.env, ML_PIPELINE_BUCKET: uniqueName('formats') } });
  await ensureBucket(aws);
});
afterAll(async () => {
  aws.close();
  await server.close();
});

const columns: Column[] = [
  { name: 'id', type: 'number' },
  { name: 'note', type: 'string' },
  { name: 'year', type: 'number' },
  { name: 'imagePath', type: 'string' },
];
const row = (id: number, note: string | null, year: number | null = 2012): Row => ({
  id,
  note,
  year,
  imagePath: `s3://b/${id}`,
});
const part = (rows: Row[]): Part => ({
  rows,
  images: rows.map(({ id }) => ({ id, file: `images/${id}.jpg`, etag: `${id}`, source: `images/${id}.jpg` })),
  failures: [],
});
const tricky = [
  row(1, 'plain', null),
  row(2, null),
  { id: 3, imagePath: 's3://b/3', extra: true },
  row(4, ''),
  row(5, 'a "quoted" word, and a comma'),
  row(6, 'two\nlines'),
  row(7, 'two\r\nlines of Windows'),
  row(8, 'Schäfte 日本 👟'),
  row(9, 'below zero', -0.5),
  row(10, '=HYPERLINK("http://x","y")', -1),
  row(11, '@x, y'),
];

/** What each format makes of the tricky rows, and of none. */
const expected: Record<MetadataFormat, { some: string; none: string }> = {
  csv: {
    some:
      'id,note,year,imagePath\n' +
      '1,plain,,s3://b/1\n' +
      '2,,2012,s3://b/2\n' +
      '3,,,s3://b/3\n' +
      '4,,2012,s3://b/4\n' +
      '5,"a ""quoted"" word, and a comma",2012,s3://b/5\n' +
      '6,"two\nlines",2012,s3://b/6\n' +
      '7,"two\r\nlines of Windows",2012,s3://b/7\n' +
      '8,Schäfte 日本 👟,2012,s3://b/8\n' +
      '9,below zero,-0.5,s3://b/9\n' +
      '10,"=HYPERLINK(""http://x"",""y"")",-1,s3://b/10\n' +
      '11,"@x, y",2012,s3://b/11\n',
    none: 'id,note,year,imagePath\n',
  },
  jsonl: {
    some:
      '{"id":1,"note":"plain","year":null,"imagePath":"s3://b/1"}\n' +
      '{"id":2,"note":null,"year":2012,"imagePath":"s3://b/2"}\n' +
      '{"id":3,"imagePath":"s3://b/3","extra":true}\n' +
      '{"id":4,"note":"","year":2012,"imagePath":"s3://b/4"}\n' +
      '{"id":5,"note":"a \\"quoted\\" word, and a comma","year":2012,"imagePath":"s3://b/5"}\n' +
      '{"id":6,"note":"two\\nlines","year":2012,"imagePath":"s3://b/6"}\n' +
      '{"id":7,"note":"two\\r\\nlines of Windows","year":2012,"imagePath":"s3://b/7"}\n' +
      '{"id":8,"note":"Schäfte 日本 👟","year":2012,"imagePath":"s3://b/8"}\n' +
      '{"id":9,"note":"below zero","year":-0.5,"imagePath":"s3://b/9"}\n' +
      '{"id":10,"note":"=HYPERLINK(\\"http://x\\",\\"y\\")","year":-1,"imagePath":"s3://b/10"}\n' +
      '{"id":11,"note":"@x, y","year":2012,"imagePath":"s3://b/11"}\n',
    none: '',
  },
  spreadsheet: {
    some:
      '\ufeffid,note,year,imagePath\n' +
      '1,plain,,s3://b/1\n' +
      '2,,2012,s3://b/2\n' +
      '3,,,s3://b/3\n' +
      '4,,2012,s3://b/4\n' +
      '5,"a ""quoted"" word, and a comma",2012,s3://b/5\n' +
      '6,"two\nlines",2012,s3://b/6\n' +
      '7,"two\r\nlines of Windows",2012,s3://b/7\n' +
      '8,Schäfte 日本 👟,2012,s3://b/8\n' +
      '9,below zero,-0.5,s3://b/9\n' +
      '10,"\'=HYPERLINK(""http://x"",""y"")",-1,s3://b/10\n' +
      '11,"\'@x, y",2012,s3://b/11\n',
    none: '\ufeffid,note,year,imagePath\n',
  },
};

/** Writes rows that come in parts to one file in the bucket, and reads it back. */
async function written(format: FileFormat, parts: Part[]): Promise<Buffer> {
  const folder = uniqueName('written');
  const { written } = await writeFiles(aws, folder, parts, [format], { columns });
  expect([...written]).toEqual([format.file]);
  return Buffer.from(await getBytes(aws, `${folder}/${format.file}`));
}

/** Rows in parts of `size`. */
const cut = (rows: Row[], size: number): Part[] =>
  Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => part(rows.slice(i * size, (i + 1) * size)));

const many = Array.from({ length: 2500 }, (_, i) => ({ ...tricky[i % tricky.length], ...row(i + 1, `n, ${i}`) }));

describe.each(formatNames)('metadata as %s', (name) => {
  const format = formats[name];

  test('is these bytes', async () => {
    expect(await written(format, [part(tricky)])).toEqual(Buffer.from(expected[name].some));
  });

  test('of no rows is these bytes', async () => {
    expect(await written(format, [])).toEqual(Buffer.from(expected[name].none));
    expect(await written(format, [part([]), part([])])).toEqual(Buffer.from(expected[name].none));
  });

  test('is the same bytes in however many parts the rows come, and beside another file being written', async () => {
    const whole = await written(format, cut(many, 2500));
    expect(whole.length).toBeGreaterThan(2500);
    const others = await Promise.all([1, 100, 700, 1000].map((size) => written(format, cut(many, size))));
    for (const other of others) expect(other.equals(whole)).toBe(true);
    expect((await written(format, [part([]), ...cut(many, 999), part([])])).equals(whole)).toBe(true);
  });

  test('is in a file of its own', () => {
    expect(format.file).toMatch(/^metadata(-\w+)?\.\w+$/);
    expect(formatNames.filter((other) => formats[other].file === format.file)).toEqual([name]);
    expect(format.file).not.toBe('metadata.json');
  });
});

const recordBytes = 4096;
const magic = 'RECS';

/** A binary format with a footer: records of one size, and where the row group of each part begins. */
const records: FileFormat = {
  file: 'metadata.records',
  type: 'application/octet-stream',
  open(columns) {
    const groups: { offset: number; rows: number }[] = [];
    let offset = magic.length;
    return {
      start: Buffer.from(magic),
      part({ rows }) {
        const bytes = Buffer.alloc(rows.length * recordBytes, 0xff);
        for (const [i, { id }] of rows.entries()) bytes.writeUInt32LE(Number(id), i * recordBytes);
        groups.push({ offset, rows: rows.length });
        offset += bytes.length;
        return bytes;
      },
      async end({ count }) {
        const footer = Buffer.from(JSON.stringify({ columns, groups, count }));
        const length = Buffer.alloc(4);
        length.writeUInt32LE(footer.length);
        return Buffer.concat([footer, length, Buffer.from(magic)]);
      },
    };
  },
};

describe('a binary format with a footer of offsets', () => {
  test('is read back from its end', async () => {
    // Ten megabytes: more than one part of an upload.
    const bytes = await written(records, cut(many, 100));
    expect(bytes.subarray(0, 4).toString()).toBe(magic);
    expect(bytes.subarray(-4).toString()).toBe(magic);
    const length = bytes.readUInt32LE(bytes.length - 8);
    const footer = JSON.parse(bytes.subarray(-8 - length, -8).toString()) as {
      groups: { offset: number; rows: number }[];
    };
    expect(footer).toEqual({
      columns,
      groups: [1000, 1000, 500].map((rows, i) => ({ offset: 4 + i * 1000 * recordBytes, rows })),
      count: 2500,
    });
    const ids = footer.groups.flatMap(({ offset, rows }) =>
      Array.from({ length: rows }, (_, i) => bytes.readUInt32LE(offset + i * recordBytes)),
    );
    expect(ids).toEqual(many.map(({ id }) => id));
    expect((await written(records, [part(many)])).equals(bytes)).toBe(true);
  });

  test('is written side by side with others, each with a state of its own', async () => {
    const [first, second] = await Promise.all([written(records, cut(many, 700)), written(records, [part(tricky)])]);
    expect(first.length).toBeGreaterThan(2500 * recordBytes);
    expect(second.length).toBeLessThan((tricky.length + 1) * recordBytes);
    const folder = uniqueName('both');
    await writeFiles(aws, folder, cut(many, 300), [records, formats.jsonl], { columns });
    expect(Buffer.from(await getBytes(aws, `${folder}/${records.file}`)).equals(first)).toBe(true);
    expect(
      Buffer.from(await getBytes(aws, `${folder}/metadata.jsonl`))
        .toString()
        .split('\n'),
    ).toHaveLength(2501);
  });
});

describe('a file', () => {
  const failing = (where: string): FileFormat => {
    const at = (here: string) => {
      if (here === where) throw new Error(`failed at ${where}`);
      return '';
    };
    return {
      ...formats.jsonl,
      open: async () => ({ start: at('open'), part: () => at('part'), end: () => at('end') }),
    };
  };

  test.each(['open', 'part', 'end'])('that fails at %s is not there, nor those that come after it', async (where) => {
    const folder = uniqueName('failing');
    await expect(writeFiles(aws, folder, cut(many, 500), [failing(where), formats.csv], { columns })).rejects.toThrow(
      `failed at ${where}`,
    );
    expect(await filesOf(aws, folder)).toEqual([]);
  });

  test('whose writer ends with undefined is left out', async () => {
    const folder = uniqueName('left');
    const left: FileFormat = { ...records, open: () => ({ start: 'x', part: () => 'y', end: () => undefined }) };
    const { written, totals } = await writeFiles(aws, folder, cut(many, 500), [left, formats.csv], { columns });
    expect([...written]).toEqual(['metadata.csv']);
    expect(totals).toEqual({ failures: [], count: 2500, dimensions: undefined });
    expect(await filesOf(aws, folder)).toEqual(['metadata.csv']);
  });
});

test('a format learns the types of the columns from the schema', async () => {
  const open = vi.spyOn(formats.csv, 'open');
  const schema = defineSchema({ fields: { species: 'string', height: 'number' } });
  const query = { where: {}, table: 'Leaves', plan: 'scan' };
  const folder = uniqueName('leaves');
  await exportDataset(aws, folder, [], { query, schema, formats: ['csv'] });
  expect(open).toHaveBeenLastCalledWith([
    { name: 'id', type: 'number' },
    { name: 'species', type: 'string' },
    { name: 'height', type: 'number' },
    { name: 'imagePath', type: 'string' },
  ]);
  await exportDataset(aws, folder, [], { query, formats: ['csv'] });
  expect(open.mock.lastCall?.[0]).toContainEqual({ name: 'year', type: 'number' });
});

describe('a format that there is not', () => {
  const says = new RegExp(`no metadata format 'jsonlines'.* formats are ${formatNames.join(', ')}`);

  test('is refused by name, with those that there are', () => {
    checkFormats(formatNames);
    expect(() => checkFormats(['csv', 'jsonlines'])).toThrow(PipelineError);
    expect(() => checkFormats(['csv', 'jsonlines'])).toThrow(
      expect.objectContaining({
        code: 'dataset.unknownFormat',
        value: 'jsonlines',
        message: expect.stringMatching(says),
      }),
    );
    expect(() => checkFormats(['csvs'])).toThrow("Did you mean 'csv'?");
    expect(() => checkFormats(['toString'])).toThrow("no metadata format 'toString'");
  });

  test('is refused in a job record', () => {
    for (const name of formatNames) expect(formatSchema.parse(name)).toBe(name);
    expect(formatSchema.safeParse('jsonlines').error?.message).toMatch(says);
  });
});
