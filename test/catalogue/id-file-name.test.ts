import { describe, expect, it } from 'vitest';
import { idOfImageKey, imageKey, imageName } from '../../src/catalogue/id.js';
import { textFileName, textOfFileName } from '../../src/catalogue/id-file-name.js';
import { randomFrom, randomInteger } from '../../src/work/index.js';

/** Texts of 1 to `most` characters: of letters and signs that ids have, of a writing, or of all Unicode. */
function* texts(count: number, most: number): Generator<string> {
  const random = randomFrom('ids', most);
  const ranges = [
    [0x20, 0x7e],
    [0x30, 0x7a],
    [0xa0, 0x24f],
    [0x300, 0x36f],
    [0x4e00, 0x9fff],
    [0, 0x10ffff],
  ] as const;
  for (let i = 0; i < count; i++) {
    const [low, high] = ranges[randomInteger(random, 0, ranges.length - 1)] ?? [0, 0];
    const length = randomInteger(random, 1, most);
    let text = '';
    while ([...text].length < length) {
      const code = randomInteger(random, low, high);
      if (code < 0xd800 || code > 0xdfff) text += String.fromCodePoint(code);
    }
    yield text;
  }
}

/** What of two names a file system may take for the same: it ignores case, or how accents are encoded. */
const sameTo = (name: string): string => name.normalize('NFC').toLowerCase();

describe('the file of a text', () => {
  it.each([
    ['0108775015', '0108775015'],
    ['sku_1.b-2', 'sku_1.b-2'],
    ['JK-0815/a', '!jk-0815~001b~!a'],
    ['aB', 'a!b'],
    ['a b', 'a~000w~b'],
    ['größe', 'gr~006u0067~e'],
    ['!~', '~000x003i~'],
    ['..', '~001a~.'],
    ['CON', '~001v~!on'],
    ['nul.x', '~0032~ul.x'],
    ['x'.repeat(200), 'x'.repeat(200)],
  ])('%s is %s', (text, name) => {
    expect(textFileName(text)).toBe(name);
    expect(textOfFileName(name)).toBe(text);
  });

  it('has the text in it, for 100,000 texts of Unicode', () => {
    const names = new Map<string, string>();
    for (const text of texts(100_000, 40)) {
      const name = textFileName(text);
      if (textOfFileName(name) !== text) expect(textOfFileName(name), text).toBe(text);
      if (!/^[a-z0-9._~!-]{1,200}$/.test(name)) expect(name, text).toBe('a safe name');
      const before = names.get(sameTo(name)) ?? text;
      if (before !== text) expect(before, name).toBe(text);
      names.set(sameTo(name), text);
    }
    expect(names.size).toBeGreaterThan(90_000);
  });

  it('is no other text’s where the text is so long that its name is cut', () => {
    const names = new Map<string, string>();
    let long = 0;
    for (const text of texts(20_000, 200)) {
      const name = textFileName(text);
      expect(name.length).toBeLessThanOrEqual(200);
      if (name.includes('~~')) long++;
      expect(textOfFileName(name)).toBe(name.includes('~~') ? undefined : text);
      expect(names.get(sameTo(name)) ?? text).toBe(text);
      names.set(sameTo(name), text);
    }
    expect(long).toBeGreaterThan(1000);
  });

  it.each(['JK', '!JK', '!jk~', 'a~00~b', 'a~zzzz~b', '!!a', '!1', 'a~001a~b', 'a b', 'ö', '~~0', 'x'.repeat(201)])(
    'is not called %s, which is no text’s name',
    (name) => expect(textOfFileName(name)).toBeUndefined(),
  );

  it('differs for texts that differ only in case, or in how an accent is encoded', () => {
    const names = ['ab', 'Ab', 'aB', 'AB', '\u00e9', 'e\u0301', '7', '07', ' 7', '7 '].map((id) => imageName(id));
    expect(new Set(names.map(sameTo)).size).toBe(names.length);
  });

  it('lies where its key says', () => {
    expect(imageKey('JK-0815/a')).toBe('images/!jk-0815~001b~!a.jpg');
    expect(idOfImageKey('images/!jk-0815~001b~!a.jpg', 'string')).toBe('JK-0815/a');
    expect(idOfImageKey('images/15970.jpg', 'string')).toBe('15970');
    expect(idOfImageKey('images/15970.jpg')).toBe(15970);
  });
});
