import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Product } from '../../src/catalogue/product.js';
import { type FolderOptions, folderSource } from '../../src/catalogue/source/folder.js';
import type { RowProblem } from '../../src/catalogue/source/source.js';
import { dataset } from '../dataset.js';

const header = 'id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName';
const row = (id: string | number, end = 'A shoe', year = '2012') =>
  `${id},Men,Footwear,Shoes,Casual Shoes,Blue,Fall,${year},Casual,${end}`;
const folders: string[] = [];

async function folderWith(lines: readonly string[], images: readonly number[] = [1, 2, 3]): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'catalogue-'));
  folders.push(folder);
  await mkdir(path.join(folder, 'images'));
  await writeFile(path.join(folder, 'styles.csv'), lines.join('\n'));
  for (const id of images) await writeFile(path.join(folder, 'images', `${id}.jpg`), '');
  return folder;
}

async function readAll(
  folder: string,
  options: FolderOptions = {},
): Promise<{ products: Product[]; problems: RowProblem[] }> {
  const problems: RowProblem[] = [];
  const products: Product[] = [];
  const source = await folderSource(folder, options);
  for await (const product of source.products(undefined, (problem) => problems.push(problem))) products.push(product);
  return { products, problems };
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

describe('a folder of Kaggle’s layout', () => {
  it('gives each row that has an image', async () => {
    const { products, problems } = await readAll(await folderWith([header, row(1), row(9)]));
    expect(products).toEqual([
      {
        id: 1,
        gender: 'Men',
        masterCategory: 'Footwear',
        subCategory: 'Shoes',
        articleType: 'Casual Shoes',
        baseColour: 'Blue',
        season: 'Fall',
        year: 2012,
        usage: 'Casual',
        productDisplayName: 'A shoe',
      },
    ]);
    expect(problems).toEqual([
      { line: 3, kind: 'without image', code: 'source.noImage', reason: 'images/9.jpg does not exist' },
    ]);
  });

  it('joins unquoted commas of the last column, and keeps a lone quote', async () => {
    const { products, problems } = await readAll(
      await folderWith([header, row(1, 'Tie, cufflinks, pocket square'), row(2, '3.5" Pink Short')]),
    );
    expect(products.map(({ productDisplayName }) => productDisplayName)).toEqual([
      'Tie, cufflinks, pocket square',
      '3.5" Pink Short',
    ]);
    expect(problems).toMatchObject([{ line: 2, kind: 'repaired' }]);
  });

  it.each([
    ['"Tie, blue"', 'Tie, blue'],
    ['"A ""wide"" tie"', 'A "wide" tie'],
    ['"Tie" set', '"Tie" set'],
    ['"A "wide" tie"', '"A "wide" tie"'],
  ])('reads %s in quotes', async (text, name) => {
    for (const lines of [
      [header, row(1, text)],
      [`${header}\r`, `${row(1, text)}\r`, row(2, '"Shoe" pair')],
    ]) {
      const { products, problems } = await readAll(await folderWith(lines));
      expect(products[0]).toMatchObject({ id: 1, gender: 'Men', productDisplayName: name });
      expect(problems).toEqual([]);
    }
  });

  it('reads a file that comes in several parts, and counts its lines, empty ones too', async () => {
    const ids = Array.from({ length: 3000 }, (_, i) => i + 1);
    const rows = ids.map((id) => row(id, id % 3 === 0 ? `"Größe ${id}, 靴"` : `Größe ${id}`));
    const { products, problems } = await readAll(await folderWith([header, '', ...rows, 'x', ''], ids));
    expect(products.map(({ productDisplayName }) => productDisplayName)).toEqual(
      ids.map((id) => (id % 3 === 0 ? `Größe ${id}, 靴` : `Größe ${id}`)),
    );
    expect(problems).toMatchObject([{ line: 3003, kind: 'malformed' }]);
    const broken = await readAll(await folderWith([header, ...rows, row(3001, '"Shoe'), row(3002)], [...ids, 3002]));
    expect(broken.products).toHaveLength(3001);
    expect(broken.problems).toMatchObject([{ line: 3002, code: 'source.brokenQuote' }]);
  });

  it.each([
    ['\n', 'A shoe\nwith laces, blue'],
    ['\r\n', 'A shoe\nwith "long" laces'],
  ])('takes a line break in quotes, in a file whose lines end with %j', async (end, name) => {
    const quoted = `"${name.replaceAll('"', '""').replace('\n', end)}"`;
    const lines = [header, row(1, quoted), 'x', row(2, quoted), row(3), ''];
    const { products, problems } = await readAll(await folderWith([lines.join(end)]));
    expect(products.map(({ productDisplayName }) => productDisplayName)).toEqual([name, name, 'A shoe']);
    expect(problems).toMatchObject([{ line: 4, kind: 'malformed' }]);
  });

  it('takes line breaks in quotes wherever a part of the file ends; names the line that a row begins in', async () => {
    const ids = Array.from({ length: 3000 }, (_, i) => i + 1);
    const name = (id: number) => `Größe ${id}\n\n靴, ${'x'.repeat(1 + (id % 97))}`;
    const rows = ids.map((id) => row(id, `"${name(id)}"`));
    const { products, problems } = await readAll(await folderWith([header, ...rows, row(9999)], ids));
    expect(products.map(({ productDisplayName }) => productDisplayName)).toEqual(ids.map(name));
    expect(problems).toMatchObject([{ line: 9002, kind: 'without image' }]);
  });

  it('takes or refuses a long row wherever it stands in the file', async () => {
    const long = row(1, 'x'.repeat(130_000));
    const short = [2, 3].map((id) => row(id, 'x'.repeat(60_000)));
    for (const lines of [
      [long, ...short],
      [...short, long],
    ])
      expect((await readAll(await folderWith([header, ...lines]))).products).toHaveLength(3);
    for (const lines of [
      [`${long}${long}`, ...short],
      [...short, `${long}${long}`],
    ]) {
      const { products, problems } = await readAll(await folderWith([header, ...lines]));
      expect(products.map(({ id }) => id)).toEqual([2, 3]);
      expect(problems).toMatchObject([
        { line: 2 + lines.findIndex((line) => line.length > 2e5), code: 'source.longLine' },
      ]);
    }
  });

  it('leaves empty and NA values out', async () => {
    const { products } = await readAll(await folderWith([header, '1,Men,,Shoes,NA,Blue,,,NA,A shoe']));
    expect(products).toEqual([
      { id: 1, gender: 'Men', subCategory: 'Shoes', baseColour: 'Blue', productDisplayName: 'A shoe' },
    ]);
  });

  it('leaves a row with too few columns out and says so', async () => {
    const { products, problems } = await readAll(await folderWith([header, '1,Men,Footwear', row(2)]));
    expect(products.map(({ id }) => id)).toEqual([2]);
    expect(problems).toMatchObject([
      { line: 2, kind: 'malformed', reason: expect.stringMatching(/3 columns instead of 10/) },
    ]);
  });

  it('reads a file with a byte order mark, Windows line ends and columns in another order', async () => {
    const { products } = await readAll(
      await folderWith([
        '\ufeffyear,id,gender,masterCategory,subCategory,articleType,baseColour,season,usage,productDisplayName\r',
        '2011,2,Men,a,b,c,d,e,f,g, h\r',
      ]),
    );
    expect(products).toMatchObject([{ id: 2, year: 2011, productDisplayName: 'g, h' }]);
  });

  it.each<[string, string[], RegExp]>([
    ['missing columns', ['id,gender,year', '1,Men,2012'], /lacks masterCategory, subCategory/],
    ['no header at all', [''], /lacks id/],
  ])('refuses %s', async (_title, lines, message) => {
    await expect(readAll(await folderWith(lines))).rejects.toMatchObject({
      code: 'source.missingColumns',
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, string[], string, RegExp]>([
    [
      'a quote that is never closed',
      [header, row(1), row(2, '"A shoe'), row(3)],
      'source.brokenQuote',
      /styles\.csv:3/,
    ],
    [
      'a quote that closes lines later',
      [header, row(1, '"A shoe'), row(2, 'B"'), row(3)],
      'source.brokenQuote',
      /Close it/,
    ],
    [
      'a quote that closes in the middle of the next row',
      [header, row(1).replace(',Shoes,', ',"Shoes,'), row(2).replace(',Shoes,', ',Shoes",'), row(3)],
      'source.brokenQuote',
      /styles\.csv:2/,
    ],
    [
      'a stray quote in a value with a line break',
      [header, row(1), row(2, '"A shoe'), 'of 3" or so"', row(3)],
      'source.unclearQuotes',
      /styles\.csv:3/,
    ],
    [
      'a quote that is never closed, before more rows than are read for one',
      [header, row(1), row(2, '"A shoe'), ...Array.from({ length: 3000 }, (_, i) => row(i + 3))],
      'source.brokenQuote',
      /styles\.csv:3/,
    ],
    [
      'a line without an end',
      [header, row(1, 'shoe '.repeat(30_000))],
      'source.longLine',
      /styles\.csv:2.*Is this a CSV file/,
    ],
    ['an id that is no number', [header, row('12a')], 'source.badId', /styles\.csv:2.*'12a'/],
    ['an id with path characters', [header, row('../../etc/passwd')], 'source.badId', /'..\/..\/etc\/passwd'/],
    ['an id of zero', [header, row(0)], 'source.badId', /'0'/],
    ['a duplicate id', [header, row(1), row(2), row(1)], 'source.duplicateId', /styles\.csv:4.*\b1 is in line 2/],
    ['a year that is no number', [header, row(1, 'A shoe', '20I2')], 'source.badYear', /'20I2'/],
  ])('leaves out %s alone, and refuses it if strict', async (_title, lines, code, message) => {
    const folder = await folderWith([...lines, ...[21, 22].map((id) => row(id))], [1, 2, 3, 21, 22]);
    const { products, problems } = await readAll(folder);
    expect(products.map(({ id }) => id)).toEqual(expect.arrayContaining([21, 22]));
    expect(problems.find(({ kind }) => kind === 'malformed')).toMatchObject({ code });
    for (const { gender, subCategory, usage } of products)
      expect([gender, subCategory, usage]).toEqual(['Men', 'Shoes', 'Casual']);
    await expect(readAll(folder, { strict: true })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('without styles.csv is no data set', async () => {
    const folder = await folderWith([header]);
    await rm(path.join(folder, 'styles.csv'));
    await expect(folderSource(folder)).rejects.toMatchObject({
      code: 'source.notADataSet',
      message: expect.stringContaining('it has no styles.csv'),
    });
    await expect(folderSource(path.join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'source.notADataSet' });
  });
});

describe.skipIf(!dataset)('the real data set', () => {
  it('accounts for all 44,446 rows', async () => {
    const { products, problems } = await readAll(dataset ?? '');
    const of = (kind: RowProblem['kind']) => problems.filter((problem) => problem.kind === kind).length;
    expect(products.length + of('without image') + of('malformed')).toBe(44_446);
    expect({ products: products.length, repaired: of('repaired'), malformed: of('malformed') }).toEqual({
      products: 39_930,
      repaired: 22,
      malformed: 0,
    });
  });
});
