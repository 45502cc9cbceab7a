import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLabels } from '../../src/catalogue/source/labels.js';

let file: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'labels-'));
  file = path.join(folder, 'labels.csv');
});
afterAll(() => rm(folder, { recursive: true }));

const read = async (text: string, encoding: BufferEncoding = 'utf8', named?: string) => {
  await writeFile(file, text, encoding);
  const { labels, unlabelled, report } = await readLabels(file, 'strap', { encoding: named });
  return { labels: Object.fromEntries(labels), unlabelled, reasons: report.reasons };
};
const two = { labels: { 1: 'röt', 2: 'blau' } };

describe('a file of labels', () => {
  it.each<[string, string, BufferEncoding?, string?]>([
    ['plain', 'id,strap\n1,röt\n2,blau\n'],
    ['of Windows-1252', 'id,strap\n1,röt\n2,blau\n', 'latin1', 'windows-1252'],
    ['of UTF-16', '\ufeffid,strap\r\n1,röt\r\n2,blau\r\n', 'utf16le'],
    ['with semicolons', 'id;strap\n1;röt\n2;blau'],
    ['with blanks', 'id, strap\n1, röt\n2, "blau"'],
    ['as pandas writes ids after a merge', ',id,strap\n0,1.0,röt\n1,2.0,blau'],
    ['with rows without a label', 'id,strap\n1,röt\n3,nan\n4,NaN\n5,\n2,blau'],
    ['with the same label twice', 'id,strap\n1,röt\n2,blau\n1,röt'],
  ])('%s gives the same labels', async (_, text, encoding, named) => {
    expect(await read(text, encoding, named)).toMatchObject({ ...two, reasons: [] });
  });

  it('has ids letter by letter where the products have texts', async () => {
    await writeFile(file, 'id,strap\n007,röt\n7,blau\n 7,grün\n,gelb\n"a,b",rosa\n');
    const { labels, report } = await readLabels(file, 'strap', { idType: 'string' });
    expect([...labels]).toEqual([
      ['007', 'röt'],
      ['7', 'blau'],
      [' 7', 'grün'],
      ['a,b', 'rosa'],
    ]);
    expect(report.reasons).toMatchObject([{ line: 5, reason: "the id '' is empty" }]);
  });

  it('says which rows it leaves out, and how many have no label', async () => {
    expect(await read('id,strap\n1,röt\n2,blau\n3,a\n3,b\n3,a\nx,c\n4\n5,')).toEqual({
      ...two,
      unlabelled: 1,
      reasons: [
        expect.objectContaining({ code: 'source.twoLabels', rows: 2, line: 5 }),
        expect.objectContaining({ code: 'source.badId', rows: 1, line: 7 }),
        expect.objectContaining({ code: 'source.badColumns', rows: 1, line: 8 }),
      ],
    });
  });

  it.each<[string, string, BufferEncoding, RegExp]>([
    ['in another encoding', 'id,strap\n1,röt', 'latin1', /labels\.csv:2: this is not UTF-8/],
    ['without the column', 'ID;Strap\n1;a', 'utf8', /lacks id, strap\..*it has ID, Strap\. Did you mean 'ID'\?/],
    ['without a label', 'id,strap\n1,\n', 'utf8', /no row with an id and a strap \(1 rows\)/],
  ])('%s is refused, saying what it is', async (_, text, encoding, message) => {
    await expect(read(text, encoding)).rejects.toMatchObject({ message: expect.stringMatching(message) });
  });
});
