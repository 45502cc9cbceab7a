import { count, PipelineError } from '../../work/index.js';
import type { Entry } from '../entry.js';
import { allowedFailures } from '../failures.js';
import type { FileFacts } from './header.js';
import { IdNumbers } from './id-numbers.js';
import { readTable } from './read-table.js';
import { type Columns, type RowValues, rowReader } from './row-reader.js';
import type { RowProblem } from './source.js';
import type { Bytes, SourceRow } from './table.js';

/** A file of products, and the meaning of its columns. */
export interface ProductFile extends Columns {
  file: string;
  bytes?: Bytes | undefined;
  encoding: string | undefined;
  /** Whether a row that makes no sense is an error, rather than left out. */
  strict: boolean;
}

export interface ProductRow<P extends Entry = Entry> extends Pick<RowValues<P>, 'product' | 'image'> {
  line: number;
}

export interface RowListeners {
  onProblem?: ((problem: RowProblem) => void) | undefined;
  /** Called after the last row. */
  onFacts?: ((facts: FileFacts) => void) | undefined;
}

/** In Kaggle's file this column, the last one, has commas without quotes; it can be put together again. */
const unquotedColumn = 'productDisplayName';

/** After so many rows, and at the end, it is checked whether too many of them make no sense. */
const checkedEvery = 10_000;

/**
 * Streams the rows of a file as products. A row that makes no sense is left out and reported.
 *
 * @throws PipelineError `source.missingColumns`, `source.sameColumns`, `text.badEncoding`; `source.tooManyProblems`
 * where more rows than `allowedFailures` make no sense. Where the file is read strictly: `source.badColumns`,
 * `source.brokenQuote`, `source.unclearQuotes`, `source.longLine`, `source.badId`, `source.duplicateId`,
 * `source.badYear`, `source.badNumber`, `source.longKey`, `source.longRow`.
 */
export async function* readRows<P extends Entry>(
  layout: ProductFile,
  signal?: AbortSignal,
  { onProblem, onFacts }: RowListeners = {},
): AsyncGenerator<ProductRow<P>> {
  const { file, bytes, schema, id, image, strict, encoding } = layout;
  const needed = [id, ...Object.keys(schema.fields), ...(image === undefined ? [] : [image])];
  const facts: FileFacts = { format: 'csv', encoding: '', separator: '', columns: [], missing: {} };
  const seenAt = new IdNumbers();
  let read: ((cells: readonly unknown[]) => RowValues<P>) | undefined;
  let [rows, wrong, first] = [0, 0, ''];
  for await (const record of readTable({ file, bytes, needed, id, idType: schema.id, encoding }, (head) =>
    Object.assign(facts, head),
  )) {
    signal?.throwIfAborted();
    read ??= rowReader<P>(facts.columns, layout, facts.missing);
    rows++;
    const row = tryRow(record, read);
    if (row) yield row;
    if (rows % checkedEvery === 0) checkBudget();
  }
  checkBudget();
  onFacts?.(facts);

  function tryRow(record: SourceRow, read: (cells: readonly unknown[]) => RowValues<P>): ProductRow<P> | undefined {
    const { line } = record;
    try {
      const { product, image, idAsWritten } = read(valuesOf(record));
      const before = seenAt.get(product.id);
      if (before > 0) {
        throw new PipelineError(
          'source.duplicateId',
          `the id ${product.id} is in line ${before} already. Remove one of the two rows.`,
          { value: product.id },
        );
      }
      seenAt.set(product.id, line);
      if (idAsWritten !== undefined)
        mended(line, 'source.zerosInId', `ids are numbers: ${idAsWritten} is taken as ${product.id}`);
      return { line, product, image };
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      const { code, value, message: reason } = error;
      if (strict) throw new PipelineError(code, `${file}:${line}: ${reason}`, { value });
      wrong++;
      first ||= `line ${line}: ${reason}`;
      onProblem?.({ line, kind: 'malformed', code, reason });
      return;
    }
  }

  /** The values of a row, one for each column. */
  function valuesOf(record: SourceRow): readonly unknown[] {
    if ('reason' in record) throw new PipelineError(record.code, record.reason, { value: record.line });
    const { line, values, withQuotes } = record;
    const last = facts.columns.length - 1;
    if (values.length === last + 1) return values;
    // Quotes in a column before the last one may have enclosed a separator: then the columns behind it are not its own.
    if (values.length > last && facts.columns[last] === unquotedColumn && (withQuotes ?? last) >= last) {
      mended(line, 'source.unquoted', `unquoted commas in ${unquotedColumn} joined again`);
      return [...values.slice(0, last), values.slice(last).join(facts.separator)];
    }
    throw new PipelineError(
      'source.badColumns',
      `${values.length} columns instead of ${last + 1}. Put a value that has a separator or a line break in quotes.`,
      { value: values.length },
    );
  }

  function mended(line: number, code: string, reason: string): void {
    onProblem?.({ line, kind: 'repaired', code, reason });
  }

  function checkBudget(): void {
    if (wrong <= allowedFailures(rows)) return;
    throw new PipelineError(
      'source.tooManyProblems',
      `${file}: ${count(wrong)} of ${count(rows)} rows make no sense; the first is ${first}`,
      { value: wrong },
    );
  }
}
