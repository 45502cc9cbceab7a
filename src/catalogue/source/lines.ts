import { textParts } from '../../work/index.js';
import type { Table } from './table.js';

/** Some lines of a text file. */
export interface Lines {
  /** The lines without their ends; undefined in place of one with more than `longestLine` characters. */
  lines: (string | undefined)[];
  encoding: string;
}

type LineFile = Pick<Table, 'file' | 'encoding' | 'bytes'>;

/** The most characters of a line, and of a row of several lines. */
export const longestLine = 128 * 1024;

/**
 * Streams the lines of a text file. They end with `\n` or `\r\n`, or with `\r` in a file that begins without a `\n`.
 *
 * @throws PipelineError `text.badEncoding`, `text.unknownEncoding`.
 */
export async function* readLines({ file, encoding, bytes }: LineFile): AsyncGenerator<Lines> {
  let end: string | RegExp | undefined;
  let rest = '';
  let found = 'utf-8';
  /** Whether `rest` is a line that is too long, of which nothing is kept. */
  let tooLong = false;
  for await (const part of textParts(file, encoding, bytes?.stream())) {
    found = part.encoding;
    end ??= part.text.includes('\n') || !part.text.includes('\r') ? /\r?\n/ : '\r';
    const [first = '', ...others] = `${rest}${part.text}`.split(end);
    const lines: (string | undefined)[] = others.length === 0 ? [] : [tooLong ? undefined : first, ...others];
    if (others.length > 0) tooLong = false;
    rest = others.length === 0 ? first : `${lines.pop() ?? ''}`;
    if (rest.length > longestLine + 1) {
      tooLong = true;
      rest = '';
    }
    // A `\r` that ends this part may belong to a line feed that begins the next.
    if (tooLong && part.text.endsWith('\r')) rest = '\r';
    yield { lines: lines.map(limited), encoding: found };
  }
  yield { lines: tooLong ? [undefined] : [limited(rest)], encoding: found };
}

const limited = (line: string | undefined): string | undefined =>
  line !== undefined && line.length > longestLine ? undefined : line;
