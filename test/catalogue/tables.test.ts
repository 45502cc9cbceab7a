import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineSchema, type Entry, type FolderOptions, factsInWords } from '../../src/catalogue/index.js';
import { readFolder } from './read-folder.js';

/** Written by pyarrow 25: two row groups of three rows, one of them compressed by Snappy, the other by Zstandard. */
const parquet = path.join(import.meta.dirname, 'parquet');

const fields = {
  name: 'string',
  price: 'number',
  stock: 'number',
  since: 'date',
  seen: 'date',
  sold: 'boolean',
  tags: 'string[]',
} as const;
const shop = defineSchema({ id: 'string', fields });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tables-'));
  await mkdir(path.join(folder, 'images'));
  for (const name of ['0007', '!jk-0815~001b~!a', '7', 'x', 'y', '12'])
    await writeFile(path.join(folder, 'images', `${name}.jpg`), '');
});
afterAll(() => rm(folder, { recursive: true }));

const read = (rows: string, options: FolderOptions<Entry> = { schema: shop, id: 'sku' }) =>
  readFolder(folder, { rows, ...options });

const seen = '2024-05-31T18:30:00.000Z';
const expected = [
  { id: '0007', name: 'coat', price: 19.9, stock: 1, since: '2024-05-31', seen, sold: true, tags: ['red', 'new'] },
  { id: 'JK-0815/a', name: 'hat', stock: 2, seen, sold: false },
  { id: 'x', stock: 4, since: '2024-01-01', seen, sold: true, tags: ['a'] },
  { id: 'y', name: 'scarf', price: 3, stock: 5, since: '2024-01-02', seen, sold: false, tags: ['b'] },
];
const rounded = expect.stringContaining("the stock '9007199254740993' has more digits than a number keeps");

describe('a file of Parquet', () => {
  it.each(['snappy', 'zstd'])('compressed by %s gives its products', async (name) => {
    await copyFile(path.join(parquet, `${name}.parquet`), path.join(folder, `${name}.parquet`));
    const { products, problems, facts } = await read(`${name}.parquet`);
    expect(problems.map(({ reason }) => reason)).toEqual([rounded]);
    expect(products).toEqual(expected);
    expect(problems).toEqual([{ line: 3, kind: 'malformed', code: 'source.badNumber', reason: rounded }]);
    expect(facts?.missing).toEqual({ name: 1, price: 2, since: 1, tags: 1 });
    expect(facts && factsInWords(facts)).toBe('Parquet; columns sku, name, price, stock, since, seen, sold, tags');
  });

  it('of other columns is refused, naming them', async () => {
    await copyFile(path.join(parquet, 'snappy.parquet'), path.join(folder, 'shop.parquet'));
    const maker = defineSchema({ id: 'string', fields: { maker: 'string' } });
    await expect(read('shop.parquet', { schema: maker, id: 'sku' })).rejects.toMatchObject({
      code: 'source.nestedColumn',
      message: expect.stringMatching(/shop\.parquet: the column maker is nested\. Write its parts/),
    });
    const other = defineSchema({ id: 'string', fields: { nam: 'string' } });
    await expect(read('shop.parquet', { schema: other, id: 'sku' })).rejects.toMatchObject({
      code: 'source.missingColumns',
      message: expect.stringMatching(/lacks the columns nam\. It has sku, name, .*Did you mean 'name'/),
    });
    const texts = defineSchema({ id: 'string', fields: { stock: 'string' } });
    await expect(read('shop.parquet', { schema: texts, id: 'sku' })).rejects.toMatchObject({
      code: 'source.tooManyProblems',
      message: expect.stringContaining("the stock '1' must be a text that is not empty, of whole characters."),
    });
  });

  it.each([
    ['nothing', ''],
    ['text', 'id,name\n1,oak'],
  ])('that is %s is refused', async (_, text) => {
    await writeFile(path.join(folder, 'none.parquet'), text);
    await expect(read('none.parquet')).rejects.toMatchObject({
      code: 'source.badParquet',
      message: expect.stringMatching(/none\.parquet cannot be read as Parquet: .*Write it again/),
    });
  });
});

describe('a file of JSON Lines', () => {
  const lines = [
    { sku: '0007', name: 'coat', price: 19.9, stock: 1, since: '2024-05-31', seen, sold: true, tags: ['red', 'new'] },
    { sku: 'JK-0815/a', name: 'hat', price: null, stock: '2', since: '', seen, sold: 'no', tags: [] },
    { sku: 'x', stock: 4, since: '2024-01-01', seen: '2024-05-31T20:30+02:00', sold: 1, tags: 'a', other: {} },
    { sku: 'y', name: 'scarf', price: 3, stock: 5, since: '2024-01-02', seen, sold: false, tags: ['b'] },
  ];

  it('gives its products', async () => {
    await writeFile(
      path.join(folder, 'shop.jsonl'),
      `\ufeff${lines.map((line) => JSON.stringify(line)).join('\r\n')}\r\n`,
    );
    const { products, problems, facts } = await read('shop.jsonl');
    expect([products, problems]).toEqual([expected, []]);
    expect(facts).toMatchObject({ format: 'jsonl', missing: { name: 1, price: 2, since: 1, tags: 1 } });
  });

  it('has rows that make no sense left out, each with its reason', async () => {
    const rows = [
      '[1]',
      '{"sku": 7}',
      '{"sku": "x", "stock": 9007199254740993}',
      '{"sku": "y", "tags": [1]}',
      '{',
      '',
      '{"sku":"7"}',
    ];
    await writeFile(path.join(folder, 'odd.ndjson'), rows.join('\n'));
    const { products, problems } = await read('odd.ndjson');
    expect(products).toEqual([{ id: '7' }]);
    expect(problems.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
      expect.stringMatching(/^1: the line is no JSON object/),
      "2: the sku '7' is a number, where ids are texts. Correct the row or remove it.",
      expect.stringMatching(/^3: the stock '900719925474099\d' has more digits/),
      `4: the tags '[1]' must be a list of texts that are not empty.`,
      expect.stringMatching(/^5: the line is no JSON object/),
    ]);
  });

  it('may have whole numbers as ids, in either form', async () => {
    await writeFile(path.join(folder, 'numbers.jsonl'), '{"id": 7, "name": "oak"}\n{"id": "12", "name": "elm"}');
    const schema = defineSchema({ fields: { name: 'string' } });
    expect((await read('numbers.jsonl', { schema })).products).toEqual([
      { id: 7, name: 'oak' },
      { id: 12, name: 'elm' },
    ]);
  });
});
