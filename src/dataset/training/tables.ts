import { chunks, grouped } from '../../work/index.js';
import type { Bytes, FileFormat, MetadataFormat } from '../formats/index.js';
import type { ValueType } from './columns.js';
import type { Rows, Table, TrainingFormat } from './format.js';
import type { Item } from './items.js';

/** Lines of JSON, one for each row. */
export function* jsonLines(items: readonly Item[], lineOf: (item: Item) => object): Generator<Bytes> {
  for (const some of chunks(items, 1000)) yield some.map((item) => `${JSON.stringify(lineOf(item))}\n`).join('');
}

/** A file of rows for each side, or one where there are none. */
export const perSide = (
  items: readonly Item[],
  extension: string,
  content: (items: readonly Item[]) => Table['content'],
) =>
  [...grouped(items, ({ side }) => side ?? 'data')].map(
    ([side, rows]): Table => ({ name: `${side}${extension}`, content: content(rows) }),
  );

/** A file of metadata, as a data set's folder has it. */
export async function* metadataContent(
  { open }: FileFormat,
  { items, columns }: Pick<Rows, 'items' | 'columns'>,
): AsyncGenerator<Bytes> {
  const writer = await open(columns.map(({ name, type }) => ({ name, type: fieldTypes[type] })));
  yield writer.start;
  for (const some of chunks(items, 1000))
    yield await writer.part({ rows: some.map(({ row }) => row), images: [], failures: [] });
  yield (await writer.end({ count: items.length, failures: [], dimensions: undefined })) ?? '';
}

const fieldTypes: Record<ValueType, Parameters<FileFormat['open']>[0][number]['type']> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  date: 'date',
  time: 'date',
  'string[]': 'string[]',
  'number[]': 'string[]',
  json: 'string',
};

/** A metadata format by itself: one file of rows, which say where their images are. */
export const metadataAlone = (name: MetadataFormat, format: FileFormat): TrainingFormat => ({
  about: `the rows as ${name}, without the images`,
  tables: (rows) => [{ name: format.file, content: metadataContent(format, rows) }],
  reading: () => `\`\`\`python
import pandas as pd

rows = pd.${name === 'jsonl' ? `read_json('${format.file}', lines=True)` : `read_csv('${format.file}')`}
\`\`\``,
});
