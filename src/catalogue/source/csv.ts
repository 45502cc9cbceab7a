import { createReadStream } from 'node:fs';
import Papa from 'papaparse';
import { PipelineError } from '../../work/index.js';
import type { Entry } from '../entry.js';
import { imageName, parseId } from '../id.js';
import type { FieldType, Schema } from '../schema.js';
import type { RowProblem } from './source.js';

/** A file of rows, and which of its columns say what. */
export interface CsvFile {
  csv: string;
  schema: Schema;
  /** The column of the ids. */
  id: string;
  /** The column of the images' file names; undefined where they are called after the ids. */
  image: string | undefined;
}

export interface CsvRow<P extends Entry = Entry> {
  line: number;
  product: P;
  /** The name of the image's file; empty where the row names none. */
  image: string;
}

/** The column that Kaggle's file has commas in, unquoted: its last one, so that they can be put back. */
const unquotedColumn = 'productDisplayName';

/**
 * The rows of a CSV file, streamed. Empty and `NA` values are absent. A row with too few columns or too many is told to
 * `onProblem` and left out.
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
  for await (const { line, record } of readRecords(csv)) {
    signal?.throwIfAborted();
    if (!table) {
      const header = checkHeader(record, file);
      table = { header, toRow: rowReader<P>(header, file) };
      continue;
    }
    const { header, toRow } = table;
    if (record.length < header.length || (record.length > header.length && header.at(-1) !== unquotedColumn)) {
      onProblem?.({
        line,
        kind: 'malformed',
        reason: `left out: ${record.length} columns instead of ${header.length}`,
      });
      continue;
    }
    if (record.length > header.length) {
      record.splice(header.length - 1, Infinity, record.slice(header.length - 1).join(','));
      onProblem?.({ line, kind: 'mended', reason: `unquoted commas in ${unquotedColumn} joined back` });
    }
    yield { line, ...toRow(record, `${csv}:${line}`) };
  }
  if (!table) checkHeader([], file);
}

/** A file with a longer line is none of rows. */
const longestLine = 64 * 1024;

/** The values of each line that is not empty. */
async function* readRecords(csv: string): AsyncGenerator<{ line: number; record: string[] }> {
  let line = 0;
  let rest = '';
  for await (const text of createReadStream(csv, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield* records(lines);
    if (rest.length > longestLine) {
      throw new PipelineError(
        'source.longLine',
        `${csv}:${line + 1}: the line is longer than ${longestLine} characters. Is this a CSV file?`,
        { value: csv },
      );
    }
  }
  yield* records([rest]);

  function* records(lines: readonly string[]) {
    for (const record of recordsOf(lines)) {
      line++;
      if (!record) throw brokenQuote(csv, line);
      if (record.length > 1 || record[0]) yield { line, record };
    }
  }
}

const parse = (text: string, options?: Papa.ParseConfig) =>
  Papa.parse<string[]>(text, { delimiter: ',', newline: '\n', ...options });

/** The values of each line; undefined where a quote does not close. */
function* recordsOf(lines: readonly string[]): Generator<string[] | undefined> {
  // All at once, which is three times as fast, where no value goes on in the next line.
  const { data, errors } = parse(lines.join('\n'));
  if (errors.length === 0 && data.length === lines.length) yield* data;
  else yield* lines.map(recordOf);
}

function recordOf(line: string): string[] | undefined {
  const {
    data: [record = ['']],
    errors,
  } = parse(line);
  // A value such as "Tie" set: the quotes are some of its characters.
  if (errors.some(({ code }) => code === 'InvalidQuotes')) return parse(line, { quoteChar: '\0' }).data[0];
  return errors.length === 0 ? record : undefined;
}

function checkHeader(header: string[], { csv, schema, id, image }: CsvFile): string[] {
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

function brokenQuote(csv: string, line: number): PipelineError {
  return new PipelineError(
    'source.brokenQuote',
    `${csv}:${line}: a quoted value begins here that does not end in its line. Close its quote, or double ` +
      'the quotes inside it.',
    { value: line },
  );
}

/** Makes a row of the values of a line, whose place is `where`. */
type RowReader<P extends Entry> = (record: readonly string[], where: string) => Omit<CsvRow<P>, 'line'>;

function rowReader<P extends Entry>(header: readonly string[], { schema, id: idColumn, image }: CsvFile): RowReader<P> {
  const reader = (column: string) => {
    const at = header.indexOf(column);
    return (record: readonly string[]) => {
      const text = record[at]?.trim();
      return text === '' || text === 'NA' ? undefined : text;
    };
  };
  const idOf = reader(idColumn);
  const fields = Object.entries(schema.fields).map(([column, type]) => ({ column, type, read: reader(column) }));
  const imageOf = image === undefined ? undefined : reader(image);
  return (record, where) => {
    const text = idOf(record) ?? '';
    const id = parseId(text);
    if (id === undefined) {
      throw new PipelineError(
        'source.badId',
        `${where}: the ${idColumn} '${text}' is not a whole number above 0. Mend the row or remove it; where ` +
          'ids are names, keep them in a field beside a column of numbers.',
        { value: text },
      );
    }
    const values: Record<string, string | number> = {};
    for (const { column, type, read } of fields) {
      const text = read(record);
      if (text !== undefined) values[column] = typed(text, column, type, schema, where);
    }
    return { product: { id, ...values } as P, image: imageOf ? (imageOf(record) ?? '') : imageName(id) };
  };
}

/** What a number must look like. */
const numbers = {
  year: { code: 'source.badYear', form: /^\d{4}$/, wanted: 'a number of four digits' },
  sort: {
    code: 'source.badNumber',
    form: /^\d{1,4}$/,
    wanted: 'a whole number of up to four digits, which the indexes sort by',
  },
  other: { code: 'source.badNumber', form: /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, wanted: 'a number' },
};

function typed(text: string, column: string, type: FieldType, { sort }: Schema, where: string): string | number {
  if (type === 'string') return text;
  const { code, form, wanted } = numbers[column !== sort ? 'other' : column === 'year' ? 'year' : 'sort'];
  if (form.test(text) && Number.isFinite(Number(text))) return Number(text);
  throw new PipelineError(code, `${where}: the ${column} '${text}' is not ${wanted}. Mend it, or leave it empty.`, {
    value: text,
  });
}
