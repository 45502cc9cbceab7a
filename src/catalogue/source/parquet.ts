import { didYouMean, messageOf, PipelineError } from '../../work/index.js';
import type { FileFacts } from './header.js';
import type { SourceRow, Table } from './table.js';

/**
 * Streams the rows of a Parquet file, a row group at a time; the number of a row, from 1, is its line. Only the columns
 * that are needed are read.
 *
 * @throws PipelineError `source.badParquet` where the file is none, `source.missingColumns`; `source.nestedColumn`
 * where a column that is needed has neither values nor lists of them.
 */
export async function* readParquet(
  { file, bytes, needed }: Table,
  onHead: (head: Omit<FileFacts, 'missing'>) => void,
): AsyncGenerator<SourceRow> {
  // The Lambda functions that read a catalogue are deployed without what reads files.
  const [{ asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema }, { compressors }] =
    await Promise.all([import('hyparquet'), import('hyparquet-compressors')]);
  const buffer = bytes ?? (await asyncBufferFromFile(file));
  const metadata = await parquetMetadataAsync(buffer).catch((cause: unknown) => {
    throw badParquet(file, cause);
  });
  const { children } = parquetSchema(metadata);
  const columns = children.map(({ element }) => element.name);
  const missing = needed.filter((name) => !columns.includes(name));
  const [first] = missing;
  if (first !== undefined)
    throw new PipelineError(
      'source.missingColumns',
      `${file} lacks the columns ${missing.join(', ')}. It has ${columns.join(', ')}.${didYouMean(first, columns)}`,
      { value: missing },
    );
  const nested = children.find(
    ({ element, children }) =>
      needed.includes(element.name) && children.length > 0 && element.converted_type !== 'LIST',
  );
  if (nested)
    throw new PipelineError(
      'source.nestedColumn',
      `${file}: the column ${nested.element.name} is nested. Write its parts as columns of their own.`,
      { value: nested.element.name },
    );
  onHead({ format: 'parquet', encoding: '', separator: '', columns: [...needed] });
  let line = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rows = await parquetReadObjects({
      file: buffer,
      metadata,
      columns: [...needed],
      rowStart: line,
      rowEnd: line + Number(num_rows),
      compressors,
      // A date is no time: it has no zone.
      parsers: { dateFromDays: (days) => new Date(days * 86_400_000).toISOString().slice(0, 10) },
    }).catch((cause: unknown) => {
      throw badParquet(file, cause);
    });
    for (const row of rows) yield { line: ++line, values: needed.map((name) => row[name]) };
  }
}

const badParquet = (file: string, cause: unknown): PipelineError =>
  new PipelineError('source.badParquet', `${file} cannot be read as Parquet: ${messageOf(cause)}. Write it again.`, {
    value: file,
    cause,
  });
