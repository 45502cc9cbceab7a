import { didYouMean, encodingTitle, PipelineError } from '../../work/index.js';
import { RowParser } from './row-parser.js';

/** The formats of files with rows. */
export type RowFormat = 'csv' | 'jsonl' | 'parquet';

/**
 * How a file of rows was read.
 *
 * @example
 * const source = await folderSource('my_leaves');
 * const show = ({ encoding, separator }: FileFacts) => console.log(encoding, separator); // utf-8 ;
 * for await (const { id } of source.products(undefined, undefined, show)) console.log(id);
 */
export interface FileFacts {
  format: RowFormat;
  /** `utf-8`, `utf-16le`, `windows-1252`, …; empty for Parquet. */
  encoding: string;
  /** What is between the values of a CSV: a comma, a semicolon, a tab or `|`. */
  separator: string;
  /** The names of the columns, without blanks around them. */
  columns: string[];
  /** How many values of each field were taken as missing, being empty or a text that stands for that. */
  missing: Record<string, number>;
}

const separators = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'vertical bars' };

/** The names in a header, and what separates them. */
export type Header = Pick<FileFacts, 'separator' | 'columns'>;

/** A line that Excel writes before the header: `sep=;` */
export const separatorLine = (text: string): string | undefined => /^"?sep=(.)"?$/i.exec(text)?.[1];

/**
 * Finds the separator of a file: the one by which its header has the most of the columns that are needed.
 *
 * @param separator The only one, where the file names it.
 * @throws PipelineError `source.missingColumns`, `source.sameColumns`.
 */
export function readHeader(
  text: string,
  needed: readonly string[],
  { file, encoding, separator }: { file: string; encoding: string; separator?: string | undefined },
): Header {
  const candidates = (separator === undefined ? Object.keys(separators) : [separator]).map((by) => {
    const columns = namesIn(text, by);
    return { separator: by, columns, missing: needed.filter((name) => !columns.includes(name)) };
  });
  const best = candidates.reduce((a, b) => {
    const fewer = a.missing.length - b.missing.length || (a.missing.length && b.columns.length - a.columns.length);
    return fewer > 0 ? b : a;
  });
  const { columns, missing } = best;
  const found =
    `Read as ${encodingTitle(encoding)} with ${nameOf(best.separator)} between values, it has ` +
    `${
      columns
        .filter((name) => name !== '')
        .join(', ')
        .slice(0, 300) || 'nothing'
    }.`;
  const [first] = missing;
  if (first !== undefined)
    throw new PipelineError(
      'source.missingColumns',
      `${file}: the header lacks ${missing.join(', ')}. It needs the columns ${needed.join(', ')}. ${found}` +
        didYouMean(first, columns),
      { value: missing },
    );
  const twice = needed.find((name) => columns.indexOf(name) !== columns.lastIndexOf(name));
  if (twice !== undefined)
    throw new PipelineError(
      'source.sameColumns',
      `${file}: the header has the column ${twice} twice. Rename the one that is not meant. ${found}`,
      { value: twice },
    );
  return { separator: best.separator, columns };
}

/** `semicolons` */
const nameOf = (separator: string): string =>
  Object.entries(separators).find(([each]) => each === separator)?.[1] ?? `'${separator}'`;

/** How a file was read, in words: `UTF-8, commas between values; columns id, species`. */
export function factsInWords({ format, encoding, separator, columns }: Omit<FileFacts, 'missing'>): string {
  const how = {
    csv: () => `${encodingTitle(encoding)}, ${nameOf(separator)} between values`,
    jsonl: () => `JSON Lines, ${encodingTitle(encoding)}`,
    parquet: () => 'Parquet',
  };
  return `${how[format]()}; columns ${listed(columns)}`;
}

/** Names as people can take them in. */
function listed(names: readonly string[]): string {
  const all = names.map((name) => name || '(no name)').join(', ');
  return all.length > 300 ? `${all.slice(0, 300)}…` : all;
}

function namesIn(text: string, separator: string): string[] {
  const parser = new RowParser(separator);
  let row = parser.take('');
  for (const line of text.split('\n')) row = parser.take(line);
  return typeof row === 'string' ? [] : row.values.map((name) => name.trim());
}
