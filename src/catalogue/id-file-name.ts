import { createHash } from 'node:crypto';

/** The most characters of a name: file systems take 255 bytes, with the number of a variant and the extension. */
const mostInName = 200;
/** What is kept of a longer name, before its digest. */
const keptOfLong = 120;

/** Characters that stand for themselves; of letters, the small ones. */
const plain = /^[A-Za-z0-9._-]$/;
/** Beginnings that are no name everywhere: hidden files, and what Windows keeps for devices. */
const special = /^(?:\.|(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))/i;

/**
 * A text as the name of a file, the same everywhere: safe in file systems (also those that ignore case or how accents
 * are encoded), in URLs and in keys of S3, and no other text's. Small letters, digits, `.`, `_` and `-` are
 * themselves. `!` changes between small and capital letters: `JK-0815a` is `!jk-0815!a`. All other characters stand
 * between two `~`, each by its code point in four digits to the base 36: `a/b` is `a~001b~b`.
 *
 * A name of over 200 characters is cut to 120 and ends with `~~` and a digest of the text.
 */
export function textFileName(text: string): string {
  let name = '';
  let [capitals, coded] = [false, false];
  const [first] = special.test(text) ? text : '';
  for (const character of text) {
    const code = !plain.test(character) || (name === '' && first !== undefined);
    if (code !== coded) name += '~';
    coded = code;
    if (code) name += character.codePointAt(0)?.toString(36).padStart(4, '0');
    else {
      const small = character.toLowerCase();
      if (/[a-z]/.test(small) && (small !== character) !== capitals) {
        capitals = !capitals;
        name += '!';
      }
      name += small;
    }
  }
  if (coded) name += '~';
  if (name.length <= mostInName) return name;
  const digest = BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 32)}`);
  return `${name.slice(0, keptOfLong)}~~${digest.toString(36).padStart(25, '0')}`;
}

/** The text whose file has this name; undefined where no text's has, or the name has but a digest of it. */
export function textOfFileName(name: string): string | undefined {
  let text = '';
  let capitals = false;
  for (const [part] of name.matchAll(/~[^~]+~|./gs)) {
    if (part === '!') capitals = !capitals;
    else if (part.length === 1) text += capitals ? part.toUpperCase() : part;
    else
      for (const [digits] of part.slice(1, -1).matchAll(/.{1,4}/gs)) {
        const code = Number.parseInt(digits, 36);
        if (!(code <= 0x10ffff)) return undefined;
        text += String.fromCodePoint(code);
      }
  }
  return textFileName(text) === name ? text : undefined;
}
