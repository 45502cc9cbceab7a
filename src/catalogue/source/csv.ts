import { PipelineError } from '../../work/index.js';
import type { Entry } from '../entry.js';
import { imageName, parseId } from '../id.js';
import type { FieldType, Schema } from '../schema.js';
import { brokenQuote, readRecords } from './records.js';
import type { RowProblem } from './source.js';

/** A CSV file, and the meaning of its columns. */
export interface CsvFile {
  csv: string;
  schema: Schema;
  /** The column of the ids. */
  id: string;
  /** The column of the images' file names; undefined where those are `<id>.jpg`. */
  image: string | undefined;
}

export interface CsvRow<P extends Entry = Entry> {
  line: number;
  product: P;
  /** The name of the image's file; empty where the row has none. */
  image: string;
}

/** In Kaggle's file this column, the last one, has commas without quotes; it can be put together again. */
const unquotedColumn = 'productDisplayName';

/**
 * Streams the rows of a CSV file as products. Empty values and `NA` become absent fields. A row with too few or too
 * many columns is left out and reported to `onProblem`.
 *
 * @throws PipelineError `source.missingColumns`, `source.brokenQuote`, `source.longLine`, `source.badId`,
 * `source.badYear`, `source.badNumber`.
 */
export async function* readRows<P extends Entry>(
  file: CsvFile,
  signal?: AbortSignal,
  onProblem?: (problem: RowProblem) => void,
): AsyncGenerator<CsvRow<P>> {
  const { csv } = file;
  let table: { header: string[]; toRow: RowReader<P> } | undefined;
  for await (const { line, text, values } of readRecords(csv)) {
    signal?.throwIfAborted();
    if (!table) {
      const header = checkHeader(values, file);
      table = { header, toRow: rowReader<P>(header, file) };
      continue;
    }
    const { header, toRow } = table;
    if (holdsAnotherRow(text, header, file)) throw brokenQuote(csv, line);
    if (values.length < header.length || (values.length > header.length && header.at(-1) !== unquotedColumn)) {
      onProblem?.({
        line,
        kind: 'malformed',
        reason: `left out: ${values.length} columns instead of ${header.length}`,
      });
      continue;
    }
    if (values.length > header.length) {
      values.splice(header.length - 1, Infinity, values.slice(header.length - 1).join(','));
      onProblem?.({ line, kind: 'repaired', reason: `unquoted commas in ${unquotedColumn} joined again` });
    }
    yield { line, ...toRow(values, `${csv}:${line}`) };
  }
  if (!table) checkHeader([], file);
}

/**
 * Whether one of the further lines of a row is a row of its own: then a quote was not closed, and its value extends to
 * the next quote in the file.
 */
function holdsAnotherRow(text: string, header: readonly string[], { id }: CsvFile): boolean {
  if (!text.includes('\n')) return false;
  const lines = text.split('\n').map((line) => line.split(','));
  return lines
    .slice(1)
    .some((line) => line.length >= header.length && parseId(line[header.indexOf(id)] ?? '') !== undefined);
}

function checkHeader([first = '', ...others]: readonly string[], { csv, schema, id, image }: CsvFile): string[] {
  // Excel writes a byte order mark.
  const header = [first.replace(/^\ufeff/, ''), ...others];
  const columns = [id, ...Object.keys(schema.fields), ...(image === undefined ? [] : [image])];
  const missing = columns.filter((column) => !header.includes(column));
  if (missing.length === 0) return header;
  throw new PipelineError(
    'source.missingColumns',
    `${csv}: the header lacks ${missing.join(', ')}. It needs the columns ${columns.join(', ')}.`,
    {
      value: missing,
    },
  );
}

/** Turns the values of a row into a product; `where` (`FILE:LINE`) is for the messages of errors. */
type RowReader<P extends Entry> = (record: readonly string[], where: string) => Omit<CsvRow<P>, 'line'>;

function rowReader<P extends Entry>(header: readonly string[], { schema, id: idColumn, image }: CsvFile): RowReader<P> {
  const reader = (column: string) => {
    const at = header.indexOf(column);
    return (record: readonly string[]) => {
      const text = record[at]?.trim();
      return text === '' || text === 'NA' ? undefined : text;
    };
  };
  const readId = reader(idColumn);
  const fields = Object.entries(schema.fields).map(([column, type]) => ({ column, type, read: reader(column) }));
  const readImage = image === undefined ? undefined : reader(image);
  return (record, where) => {
    const text = readId(record) ?? '';
    const id = parseId(text);
    if (id === undefined) {
      throw new PipelineError(
        'source.badId',
        `${where}: the ${idColumn} '${text}' is not a whole number above 0. Correct the row or remove it; where ` +
          'ids are texts, keep them in a field, and number the rows in a column of their own.',
        { value: text },
      );
    }
    const values: Record<string, string | number> = {};
    for (const { column, type, read } of fields) {
      const text = read(record);
      if (text !== undefined) values[column] = typed(text, column, type, schema, where);
    }
    return { product: { id, ...values } as P, image: readImage ? (readImage(record) ?? '') : imageName(id) };
  };
}

/** The forms of numbers. */
const numbers = {
  year: { code: 'source.badYear', form: /^\d{4}$/, wanted: 'a number of four digits' },
  sort: {
    code: 'source.badNumber',
    form: /^\d{1,4}$/,
    wanted: 'a whole number of up to four digits, as the indexes need to sort by it',
  },
  other: { code: 'source.badNumber', form: /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, wanted: 'a number' },
};

function typed(text: string, column: string, type: FieldType, { sort }: Schema, where: string): string | number {
  if (type === 'string') return text;
  const { code, form, wanted } = numbers[column !== sort ? 'other' : column === 'year' ? 'year' : 'sort'];
  if (form.test(text) && Number.isFinite(Number(text))) return Number(text);
  throw new PipelineError(code, `${where}: the ${column} '${text}' is not ${wanted}. Correct it, or leave it empty.`, {
    value: text,
  });
}
