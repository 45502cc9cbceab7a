import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { PipelineError } from './errors.js';

/** A part of a text file, decoded; the parts end anywhere between two characters. */
export interface TextPart {
  text: string;
  /** The encoding that the file turned out to have: `utf-8`, `utf-16le`, `windows-1252`, … */
  encoding: string;
}

/**
 * Decodes a text file part by part; this is the one place where files of people become text. A byte order mark decides
 * the encoding (and is no character of the text), then `encoding`, else the file is UTF-8. Bytes that the encoding does
 * not have are an error, never replaced.
 *
 * @param encoding As browsers name it: `windows-1252`, `utf-16le`, `shift_jis`, …
 * @param bytes Its bytes; default: those of the file on the disk.
 * @throws PipelineError `text.badEncoding` where a byte is not of the encoding; `text.unknownEncoding`.
 */
export async function* textParts(
  file: string,
  encoding?: string,
  bytes: AsyncIterable<Buffer> = createReadStream(file) as AsyncIterable<Buffer>,
): AsyncGenerator<TextPart> {
  const asked = encoding === undefined ? undefined : encodingNamed(encoding);
  let found: string | undefined;
  let rest: Uint8Array = new Uint8Array(0);
  let line = 1;
  let offset = 0;
  for await (const chunk of bytes) {
    let some = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (found === undefined) {
      const mark = markOf(some);
      found = mark?.encoding ?? asked ?? guessed(some);
      offset = mark?.length ?? 0;
      some = some.subarray(offset);
    }
    const end = wholeCharacters(some, found);
    yield part(some.subarray(0, end), found);
    rest = some.subarray(end);
  }
  if (found !== undefined && rest.length > 0) yield part(rest, found);

  function part(bytes: Uint8Array, encoding: string): TextPart {
    const text = decode(bytes, encoding);
    if (text === undefined) throw badByte(file, bytes, encoding, { line, offset, remedy: otherEncodings });
    line += text.split('\n').length - 1;
    offset += bytes.length;
    return { text, encoding };
  }
}

/**
 * Decodes the bytes of a text that has to be UTF-8, or UTF-16 with a byte order mark; `name` is for the error.
 *
 * @throws PipelineError `text.badEncoding`.
 */
export function decodeText(bytes: Uint8Array, name: string): string {
  const { encoding, length } = markOf(bytes) ?? { encoding: 'utf-8', length: 0 };
  const text = decode(bytes.subarray(length), encoding);
  if (text === undefined)
    throw badByte(name, bytes.subarray(length), encoding, { line: 1, offset: length, remedy: '' });
  return text;
}

const otherEncodings =
  ', or say which encoding it has: --encoding windows-1252 for most files from Excel on Windows ' +
  '("encoding" in fields.json)';

/** Names the byte that is not of the encoding; the bytes begin in `line`, at `offset` of the file. */
function badByte(
  file: string,
  bytes: Uint8Array,
  encoding: string,
  { line, offset, remedy }: { line: number; offset: number; remedy: string },
): PipelineError {
  const at = firstBad(bytes, encoding);
  const lines = (decode(bytes.subarray(0, at), encoding) ?? '').split('\n').length - 1;
  const hex = `0x${bytes[at]?.toString(16).toUpperCase().padStart(2, '0')}`;
  return new PipelineError(
    'text.badEncoding',
    `${file}:${line + lines}: this is not ${encodingTitle(encoding)}: byte ${offset + at + 1} of the file is ${hex}. ` +
      `Save it as UTF-8${remedy}.`,
    { value: offset + at },
  );
}

/**
 * A whole text file, decoded as `textParts` does.
 *
 * @throws PipelineError `text.badEncoding`, `text.unknownEncoding`.
 */
export async function readText(file: string, encoding?: string): Promise<string> {
  let all = '';
  for await (const { text } of textParts(file, encoding)) all += text;
  return all;
}

/** The name of an encoding for people: `UTF-8`, `Windows-1252`. */
export const encodingTitle = (encoding: string): string =>
  encoding.startsWith('utf') ? encoding.toUpperCase() : encoding.replace(/^w/, 'W');

/** The encoding that a name stands for; `latin1` and `iso-8859-1` are `windows-1252`, as for browsers. */
function encodingNamed(name: string): string {
  try {
    return new TextDecoder(name).encoding;
  } catch (cause) {
    throw new PipelineError(
      'text.unknownEncoding',
      `There is no encoding '${name}'. Name one such as utf-8, windows-1252, utf-16le, shift_jis or gb18030.`,
      { value: name, cause },
    );
  }
}

const marks = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
];

/** The encoding that a byte order mark names, and the mark's length. */
function markOf(bytes: Uint8Array): { encoding: string; length: number } | undefined {
  const mark = marks.find((each) => each.bytes.every((byte, i) => bytes[i] === byte));
  return mark && { encoding: mark.encoding, length: mark.bytes.length };
}

/** UTF-16 without a mark has zeros in its first character, where it is a Latin letter or a digit. */
function guessed(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first !== 0 && second === 0) return 'utf-16le';
  return first === 0 && second !== 0 && second !== undefined ? 'utf-16be' : 'utf-8';
}

/** How many of the bytes make whole characters; the rest is decoded with what follows. */
function wholeCharacters(bytes: Uint8Array, encoding: string): number {
  const { length } = bytes;
  const at = (index: number): number => bytes[index] ?? 0;
  switch (encoding) {
    case 'utf-8': {
      // A character has up to four bytes, of which all but the first are 10xxxxxx.
      let start = length - 1;
      while (start > length - 4 && (at(start) & 0xc0) === 0x80) start--;
      const needed = at(start) >= 0xf0 ? 4 : at(start) >= 0xe0 ? 3 : at(start) >= 0xc0 ? 2 : 1;
      return start + needed > length ? Math.max(0, start) : length;
    }
    case 'utf-16le':
    case 'utf-16be': {
      const even = length - (length % 2);
      const last = at(encoding === 'utf-16le' ? even - 1 : even - 2);
      return Math.max(0, last >= 0xd8 && last <= 0xdb ? even - 2 : even);
    }
    default:
      // In every other encoding a line feed is a character by itself, and no part of another.
      return bytes.lastIndexOf(0x0a) + 1 || (length > longestWithoutLineFeed ? length : 0);
  }
}

const longestWithoutLineFeed = 1 << 20;

/** The text of bytes; undefined where some are not of the encoding. */
function decode(bytes: Uint8Array, encoding: string): string | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (encoding === 'utf-8') return isUtf8(buffer) ? buffer.toString() : undefined;
  // Node's own decoder takes windows-1252 for ISO 8859-1, in which these bytes are control characters.
  if (encoding === 'windows-1252')
    return buffer.toString('latin1').replace(/[\x80-\x9f]/g, (c) => windows1252[c.charCodeAt(0) - 0x80] ?? c);
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return;
  }
}

/** The characters of the bytes 0x80 to 0x9F; five of them have none of their own. */
const windows1252 = [...'€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'];

/** Where the first byte is that the encoding does not have, after characters that it has. */
function firstBad(bytes: Uint8Array, encoding: string): number {
  const good = (length: number): boolean => {
    try {
      new TextDecoder(encoding, { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  let [low, high] = [0, bytes.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (good(middle)) low = middle;
    else high = middle - 1;
  }
  // The first byte of a character is at fault where the next one does not go on with it, or there is none.
  const start = encoding === 'utf-8' ? wholeCharacters(bytes.subarray(0, low), encoding) : low;
  return Math.min(start, bytes.length - 1);
}
