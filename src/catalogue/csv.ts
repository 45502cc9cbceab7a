import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { PipelineError } from '../errors.js';
import type { Entry } from './product.js';
import type { FieldType, Schema } from './schema.js';
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
 * The rows of a CSV file, streamed. Empty and `NA` values are absent. A row with too few columns or too many is told to `onProblem` and
 * left out.
 *
 * @throws PipelineError `source.missingColumns`, `source.brokenQuote`, `source.badId`, `source.badYear`, `source.badNumber`.
 */
export async function* readRows<P extends Entry>(file: CsvFile, signal?: AbortSignal, onProblem?: (problem: RowProblem) => void): AsyncGenerator<CsvRow<P>> {
  const { csv } = file;
  const parser = parse({ bom: true, info: true, relax_quotes: true, relax_column_count: true, skip_empty_lines: true, max_record_size: 64 * 1024 });
  const stream = createReadStream(csv);
  stream.on('error', (error) => parser.destroy(error));
  stream.pipe(parser);
  let header: string[] | undefined;
  let line = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      signal?.throwIfAborted();
      const begins = line + 1;
      line = info.lines;
      if (!header) {
        header = checkHeader(record, file);
        continue;
      }
      if (record.some((value) => value.includes('\n'))) throw brokenQuote(csv, begins);
      if (record.length < header.length || (record.length > header.length && header.at(-1) !== unquotedColumn)) {
        onProblem?.({ line, kind: 'malformed', reason: `left out: ${record.length} columns instead of ${header.length}` });
        continue;
      }
      if (record.length > header.length) {
        record.splice(header.length - 1, Infinity, record.slice(header.length - 1).join(','));
        onProblem?.({ line, kind: 'mended', reason: `unquoted commas in ${unquotedColumn} joined back` });
      }
      yield { line, ...toRow<P>(header, record, file, `${csv}:${line}`) };
    }
  } catch (error) {
    if (error instanceof CsvError) throw brokenQuote(csv, line + 1, error);
    throw error;
  } finally {
    stream.destroy();
  }
  if (!header) checkHeader([], file);
}

function checkHeader(header: string[], { csv, schema, id, image }: CsvFile): string[] {
  const columns = [id, ...Object.keys(schema.fields), ...(image === undefined ? [] : [image])];
  const missing = columns.filter((column) => !header.includes(column));
  if (missing.length === 0) return header;
  throw new PipelineError('source.missingColumns', `${csv}: the header lacks ${missing.join(', ')}. It needs the columns ${columns.join(', ')}.`, {
    value: missing,
  });
}

function brokenQuote(csv: string, line: number, cause?: CsvError): PipelineError {
  return new PipelineError(
    'source.brokenQuote',
    `${csv}:${line}: a quoted value begins here that does not end in its line. Close its quote, or double the quotes inside it.`,
    { value: line, cause },
  );
}

function toRow<P extends Entry>(header: readonly string[], record: readonly string[], { schema, id: idColumn, image }: CsvFile, where: string): Omit<CsvRow<P>, 'line'> {
  const value = (column: string) => {
    const text = record[header.indexOf(column)]?.trim() ?? '';
    return text === '' || text === 'NA' ? undefined : text;
  };
  const id = value(idColumn) ?? '';
  if (!/^[1-9]\d{0,14}$/.test(id)) {
    throw new PipelineError('source.badId', `${where}: the ${idColumn} '${id}' is not a whole number above 0. Mend the row or remove it; where ids are names, keep them in a field beside a column of numbers.`, { value: id });
  }
  const values = Object.entries(schema.fields).flatMap(([column, type]): [string, string | number][] => {
    const text = value(column);
    return text === undefined ? [] : [[column, typed(text, column, type, schema, where)]];
  });
  return { product: { id: Number(id), ...Object.fromEntries(values) } as P, image: image === undefined ? `${id}.jpg` : (value(image) ?? '') };
}

/** What a number must look like. */
const numbers = {
  year: { code: 'source.badYear', form: /^\d{4}$/, wanted: 'a number of four digits' },
  sort: { code: 'source.badNumber', form: /^\d{1,4}$/, wanted: 'a whole number of up to four digits, which the indexes sort by' },
  other: { code: 'source.badNumber', form: /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, wanted: 'a number' },
};

function typed(text: string, column: string, type: FieldType, { sort }: Schema, where: string): string | number {
  if (type === 'string') return text;
  const { code, form, wanted } = numbers[column !== sort ? 'other' : column === 'year' ? 'year' : 'sort'];
  if (form.test(text) && Number.isFinite(Number(text))) return Number(text);
  throw new PipelineError(code, `${where}: the ${column} '${text}' is not ${wanted}. Mend it, or leave it empty.`, { value: text });
}
