import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeText, readText, textParts } from '../../src/work/text.js';

let file: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'text-'));
  file = path.join(folder, 'x.csv');
});
afterAll(() => rm(folder, { recursive: true }));

const read = async (bytes: Uint8Array, encoding?: string) => {
  await writeFile(file, bytes);
  const parts: string[] = [];
  let found = '';
  for await (const part of textParts(file, encoding)) {
    parts.push(part.text);
    found = part.encoding;
  }
  return { text: parts.join(''), found };
};
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

describe('a text file', () => {
  // Some 200 KB, read in several parts that end within characters of one to four bytes.
  const text = `name\n${Array.from({ length: 12_000 }, (_, i) => `Größe ${i}, 靴 🙂${'x'.repeat(i % 7)}`).join('\n')}`;

  it.each<[string, Uint8Array]>([
    ['utf-8', Buffer.from(text)],
    ['utf-8', Buffer.from(`\ufeff${text}`)],
    ['utf-16le', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['utf-16be', utf16be(`\ufeff${text}`)],
    ['utf-16le', Buffer.from(text, 'utf16le')],
    ['utf-16be', utf16be(text)],
  ])('in %s comes out whole, without its byte order mark, wherever a part ends', async (encoding, bytes) => {
    expect(await read(bytes)).toEqual({ text, found: encoding });
  });

  it('of Windows-1252 needs to be called so, and then has its quotes, dashes and euro', async () => {
    const bytes = Buffer.from([0x93, 0x43, 0x61, 0x66, 0xe9, 0x94, 0x20, 0x96, 0x20, 0x80, 0x35, 0x0a]);
    for (const encoding of ['windows-1252', 'latin1', 'ISO-8859-1', 'cp1252'])
      expect(await read(bytes, encoding)).toEqual({ text: '“Café” – €5\n', found: 'windows-1252' });
  });

  it('can be of any encoding that browsers know', async () => {
    expect(await read(Buffer.from([0x8c, 0x43, 0x0a, 0x8c]).subarray(0, 3), 'shift_jis')).toEqual({
      text: '靴\n',
      found: 'shift_jis',
    });
    await expect(readText(file, 'utf-9')).rejects.toMatchObject({
      code: 'text.unknownEncoding',
      message: expect.stringMatching(/no encoding 'utf-9'.*windows-1252/),
    });
  });

  it.each<[string, Uint8Array, number, number, string]>([
    ['an accent of Latin-1', Buffer.from('id\n1,Caf\xe9,x\n', 'latin1'), 2, 9, '0xE9'],
    ['one at the end', Buffer.from('Gr\xf6', 'latin1'), 1, 3, '0xF6'],
    ['half a character at the end', Buffer.from('Größe 靴').subarray(0, -1), 1, 9, '0xE9'],
    ['one far behind', Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0x0a])]), 12_001, 0, '0xFF'],
    ['one behind a mark', Buffer.from('\xef\xbb\xbfab\n\xe4h', 'latin1'), 2, 7, '0xE4'],
  ])('with %s is refused, naming line, byte and remedy', async (_, bytes, line, at, hex) => {
    const byte = at || Buffer.byteLength(text) + 1;
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'text.badEncoding',
      message: expect.stringMatching(
        new RegExp(
          `x\\.csv:${line}: this is not UTF-8: byte ${byte} of the file is ${hex}\\..*--encoding windows-1252`,
        ),
      ),
    });
  });

  it('of UTF-16 that is cut within a character is refused', async () => {
    const bytes = Buffer.from('\ufeffab', 'utf16le');
    await expect(read(bytes.subarray(0, -1))).rejects.toMatchObject({ message: expect.stringContaining('UTF-16LE') });
  });

  it('may be bytes of a model, which are UTF-8 or marked', () => {
    expect(decodeText(Buffer.from('\ufeffröt\nblau'), 'labels.txt')).toBe('röt\nblau');
    expect(decodeText(Buffer.from('\ufeffröt\nblau', 'utf16le'), 'labels.txt')).toBe('röt\nblau');
    expect(() => decodeText(Buffer.from('blau\nröt', 'latin1'), 'm/labels.txt')).toThrowError(
      'm/labels.txt:2: this is not UTF-8: byte 7 of the file is 0xF6. Save it as UTF-8.',
    );
  });

  it('may be empty', async () => {
    expect(await read(Buffer.alloc(0))).toEqual({ text: '', found: '' });
    await writeFile(file, '\ufeff{"a": 1}');
    expect(JSON.parse(await readText(file))).toEqual({ a: 1 });
  });
});
