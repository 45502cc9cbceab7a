import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/catalogue/entry.js';
import { defineSchema } from '../../src/catalogue/schema.js';
import { type FolderOptions, folderSource } from '../../src/catalogue/source/folder.js';
import { readFolder } from './read-folder.js';

const schema = defineSchema({
  fields: { species: 'string', height: 'number', weight: 'number' },
  indexes: [['species']],
  sort: 'height',
});
const square = sharp({ create: { width: 8, height: 8, channels: 3, background: '#33aa33' } });
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'own-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, data] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, data);
  }
}

const readAll = <P extends Entry>(options?: FolderOptions<P>) => readFolder(folder, options);

describe('a folder of one’s own', () => {
  it('gives the fields of its schema, in their types, whatever other columns there are', async () => {
    await write({
      'leaves.csv': 'note,height,id,species,weight\nx,12,1,oak,0.5\n,,2,NA,-1e3',
      'pictures/1.jpg': '',
      'pictures/2.jpg': '',
    });
    const { products } = await readAll({ schema, rows: 'leaves.csv', images: 'pictures' });
    expect(products).toEqual([
      { id: 1, species: 'oak', height: 12, weight: 0.5 },
      { id: 2, species: 'NA', weight: -1000 },
    ]);
  });

  it('takes ids and images by columns of other names, and images that are no JPEG', async () => {
    const jpeg = await square.clone().jpeg().toBuffer();
    const png = await square.clone().png().toBuffer();
    await write({
      'styles.csv':
        'no,photo,species,height,weight\n5,a/b.jpg,oak,,\n6,c.png,elm,,\n7,gone.jpg,,,\n8,,,,\n9,../styles.csv,,,',
      'images/a/b.jpg': jpeg,
      'images/c.png': png,
    });
    const options = { schema, id: 'no', image: 'photo' };
    const { products, problems } = await readAll(options);
    expect(products.map(({ id }) => id)).toEqual([5, 6]);
    expect(problems.map(({ line, kind, reason }) => `${line} ${kind}: ${reason}`)).toEqual([
      '4 without image: images/gone.jpg does not exist',
      "5 without image: the column 'photo' is empty",
      '6 without image: images/../styles.csv is outside of the folder images',
    ]);
    const source = await folderSource(folder, options);
    expect(Buffer.from(await source.image(5)).equals(jpeg)).toBe(true);
    expect(Buffer.from(await source.image(6)).equals(png)).toBe(true);
  });

  it('describes itself in fields.json', async () => {
    await write({
      'fields.json': JSON.stringify({
        fields: { species: 'string' },
        indexes: [['species']],
        rows: 'leaves.csv',
        image: 'photo',
      }),
      'leaves.csv': 'id,photo,species\n1,x.jpg,oak',
      'images/x.jpg': '',
    });
    const source = await folderSource(folder);
    expect(source.schema).toMatchObject({ fields: { species: 'string' }, indexes: [['species']] });
    expect((await readAll()).products).toEqual([{ id: 1, species: 'oak' }]);
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', '{', /fields\.json: .*JSON/],
    ['an option that there is not', '{"fields": {"a": "string"}, "pictures": "x"}', /"pictures".*It should look like/],
    [
      'a schema that makes no sense',
      '{"fields": {"a": "boolean"}, "sort": "a"}',
      /cannot sort by 'a', which is true or false/,
    ],
  ])('whose fields.json has %s is refused, naming the file', async (_, text, message) => {
    await write({ 'fields.json': text });
    await expect(folderSource(folder)).rejects.toMatchObject({
      code: 'source.badFields',
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, string, string, RegExp]>([
    [
      'a column that is missing',
      'id,species,height\n1,oak,2',
      'source.missingColumns',
      /leaves\.csv: the header lacks weight\. It needs the columns id, species, height, weight/,
    ],
    [
      'an id that is a name',
      'id,species,height,weight\noak-1,oak,2,',
      'source.badId',
      /leaves\.csv:2: the id 'oak-1' is not a whole number above 0\. Correct/,
    ],
    [
      'a number that is none',
      'id,species,height,weight\n1,oak,2,3\n2,oak,2,heavy',
      'source.badNumber',
      /leaves\.csv:3: the weight 'heavy' is not a number\. Correct it, or leave it empty/,
    ],
    ['a number too large to be one', 'id,species,height,weight\n1,oak,2,1e999', 'source.badNumber', /'1e999'/],
    [
      'an id that comes twice',
      'id,species,height,weight\n1,oak,2,\n1,oak,2,',
      'source.duplicateId',
      /leaves\.csv:3: the id 1 is in line 2/,
    ],
    ['a quote that is not closed', 'id,species,height,weight\n1,"oak,2,', 'source.brokenQuote', /leaves\.csv:2/],
  ])('with %s is refused, naming line, value and remedy', async (_, csv, code, message) => {
    await write({ 'leaves.csv': csv, 'images/1.jpg': '' });
    await expect(readAll({ schema, rows: 'leaves.csv', strict: true })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('leaves out a row with unquoted commas, which only the fashion catalogue has in a column known', async () => {
    await write({ 'leaves.csv': 'id,height,weight,species\n1,2,3,oak, old\n2,,,elm', 'images/2.jpg': '' });
    const { products, problems } = await readAll({ schema, rows: 'leaves.csv' });
    expect(products).toEqual([{ id: 2, species: 'elm' }]);
    expect(problems).toMatchObject([
      { line: 2, kind: 'malformed', reason: expect.stringMatching(/5 columns instead of 4/) },
    ]);
  });

  it('says how it was read, and how many values of each field were missing', async () => {
    await write({
      'leaves.csv': Buffer.from('id;species; height ;weight\n1;NA;12.0;nan\n2;Gr\xfcn;;NaN\n3;-;NA;\n', 'latin1'),
      'images/1.jpg': '',
      'images/2.jpg': '',
      'images/3.jpg': '',
    });
    const { products, facts } = await readAll({
      schema,
      rows: 'leaves.csv',
      encoding: 'windows-1252',
      missing: ['NA', '-'],
    });
    expect(products).toEqual([{ id: 1, height: 12 }, { id: 2, species: 'Grün' }, { id: 3 }]);
    expect(facts).toEqual({
      format: 'csv',
      encoding: 'windows-1252',
      separator: ';',
      columns: ['id', 'species', 'height', 'weight'],
      missing: { species: 2, height: 2, weight: 3 },
    });
  });

  it('has only the empty text for missing values, unless fields.json names others', async () => {
    const files = {
      'styles.csv': 'id,country\n1,NA\n2,\n3,DE',
      'images/1.jpg': '',
      'images/2.jpg': '',
      'images/3.jpg': '',
    };
    const fields = { fields: { country: 'string' } };
    await write({ ...files, 'fields.json': `\ufeff${JSON.stringify(fields)}` });
    expect((await readAll()).products).toEqual([{ id: 1, country: 'NA' }, { id: 2 }, { id: 3, country: 'DE' }]);
    await write({ 'fields.json': JSON.stringify({ ...fields, missing: ['', 'NA'] }) });
    const { products, facts } = await readAll();
    expect(products).toEqual([{ id: 1 }, { id: 2 }, { id: 3, country: 'DE' }]);
    expect(facts?.missing).toEqual({ country: 2 });
  });

  it('leaves out rows that make no sense, whatever the reason, until they are more than a tenth', async () => {
    const bad = ['x,oak,1,1', '1,oak,1,1', '5,oak,tall,1', '6,oak,1,heavy', '7,oak', '8,"oak,1,1', '9,"o"a,k",1,1'];
    const good = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i},oak,1,1`);
    const header = 'id,species,height,weight';
    await write({ 'styles.csv': [header, ...good(1, 5), ...bad, ...good(20, 100)].join('\n'), 'images/1.jpg': '' });
    const { problems } = await readAll({ schema });
    expect(problems.filter(({ kind }) => kind === 'malformed').map(({ line, code }) => [line, code])).toEqual([
      [6, 'source.badId'],
      [7, 'source.duplicateId'],
      [8, 'source.badNumber'],
      [9, 'source.badNumber'],
      [10, 'source.badColumns'],
      [11, 'source.brokenQuote'],
      [12, 'source.unclearQuotes'],
    ]);
    await write({ 'styles.csv': [header, ...good(1, 5), ...bad, ...bad, ...good(20, 100)].join('\n') });
    await expect(readAll({ schema })).rejects.toMatchObject({
      code: 'source.tooManyProblems',
      message: expect.stringMatching(/14 of 98 rows make no sense; the first is line 6: the id 'x' is not/),
    });
  });

  it('without its CSV is told what it lacks', async () => {
    await mkdir(path.join(folder, 'images'));
    await expect(folderSource(folder, { schema, rows: 'leaves.csv' })).rejects.toMatchObject({
      code: 'source.notADataSet',
      message: expect.stringMatching(/has no leaves\.csv.*fields\.json/),
    });
  });
});
