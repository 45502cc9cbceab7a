import { createReadStream } from 'node:fs';
import { access, opendir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CsvError, parse } from 'csv-parse';
import { PipelineError } from '../errors.js';
import { IdNumbers } from './id-numbers.js';
import type { Product } from './product.js';
import type { CatalogueSource, RowProblem } from './source.js';

const textColumns = ['gender', 'masterCategory', 'subCategory', 'articleType', 'baseColour', 'season', 'usage', 'productDisplayName'] as const;
const columns = ['id', ...textColumns, 'year'] as const;
const lastColumn = 'productDisplayName';

/**
 * The catalogue in a folder laid out as Kaggle's download: `styles.csv` and `images/<id>.jpg`. Rows are streamed.
 *
 * Unquoted commas in the last column are joined back; empty and `NA` values are absent; a row with too few columns and a
 * row without an image are left out. Each is told to `onProblem`.
 *
 * @throws PipelineError `source.notADataSet` where the folder has no `styles.csv` or no `images/`; while rows are read
 * `source.missingColumns`, `source.brokenQuote`, `source.badId`, `source.duplicateId`, `source.badYear`.
 *
 * @example
 * const source = await folderSource('data');
 * for await (const product of source.products()) console.log(product.id, product.articleType);
 */
export async function folderSource(folder: string): Promise<CatalogueSource> {
  const csv = path.join(folder, 'styles.csv');
  const images = path.join(folder, 'images');
  for (const needed of [csv, images]) {
    await access(needed).catch((cause: unknown) => {
      throw new PipelineError(
        'source.notADataSet',
        `'${folder}' is not a data set folder: it has no ${path.basename(needed)}. It takes styles.csv and images/<id>.jpg, as Kaggle's download has them.`,
        { value: folder, cause },
      );
    });
  }
  return {
    name: folder,
    products: (signal, onProblem) => readProducts(csv, images, signal, onProblem),
    image: (id) => readFile(path.join(images, `${id}.jpg`)),
  };
}

async function* readProducts(
  csv: string,
  images: string,
  signal?: AbortSignal,
  onProblem?: (problem: RowProblem) => void,
): AsyncGenerator<Product> {
  const hasImage = await imageIds(images);
  const seenAt = new IdNumbers();
  for await (const { line, product } of readRows(csv, signal, onProblem)) {
    if (seenAt.has(product.id)) {
      throw new PipelineError(
        'source.duplicateId',
        `${csv}:${line}: the id ${product.id} is in line ${seenAt.get(product.id)} already. Remove one of the two rows.`,
        { value: product.id },
      );
    }
    seenAt.set(product.id, line);
    if (hasImage.has(product.id)) yield product;
    else onProblem?.({ line, kind: 'without image', reason: `images/${product.id}.jpg does not exist` });
  }
}

async function imageIds(images: string): Promise<IdNumbers> {
  const ids = new IdNumbers();
  for await (const file of await opendir(images)) {
    const id = /^(\d{1,15})\.jpg$/.exec(file.name)?.[1];
    if (id) ids.set(Number(id), 1);
  }
  return ids;
}

async function* readRows(
  csv: string,
  signal?: AbortSignal,
  onProblem?: (problem: RowProblem) => void,
): AsyncGenerator<{ line: number; product: Product }> {
  const parser = parse({ bom: true, info: true, relax_quotes: true, relax_column_count: true, skip_empty_lines: true, max_record_size: 64 * 1024 });
  const file = createReadStream(csv);
  file.on('error', (error) => parser.destroy(error));
  file.pipe(parser);
  let header: string[] | undefined;
  let line = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      signal?.throwIfAborted();
      const begins = line + 1;
      line = info.lines;
      if (!header) {
        header = checkHeader(record, csv);
        continue;
      }
      if (record.some((value) => value.includes('\n'))) throw brokenQuote(csv, begins);
      // Commas too many can only be put back into the last column.
      if (record.length < header.length || (record.length > header.length && header.at(-1) !== lastColumn)) {
        onProblem?.({ line, kind: 'malformed', reason: `left out: ${record.length} columns instead of ${header.length}` });
        continue;
      }
      if (record.length > header.length) {
        record.splice(header.length - 1, Infinity, record.slice(header.length - 1).join(','));
        onProblem?.({ line, kind: 'mended', reason: `unquoted commas in ${lastColumn} joined back` });
      }
      yield { line, product: toProduct(header, record, `${csv}:${line}`) };
    }
  } catch (error) {
    if (error instanceof CsvError) throw brokenQuote(csv, line + 1, error);
    throw error;
  } finally {
    file.destroy();
  }
  if (!header) checkHeader([], csv);
}

function checkHeader(header: string[], csv: string): string[] {
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

function toProduct(header: readonly string[], record: readonly string[], where: string): Product {
  const value = (column: string) => {
    const text = record[header.indexOf(column)]?.trim() ?? '';
    return text === '' || text === 'NA' ? undefined : text;
  };
  const id = value('id') ?? '';
  if (!/^[1-9]\d{0,14}$/.test(id)) {
    throw new PipelineError('source.badId', `${where}: the id '${id}' is not a whole number above 0. Mend the row or remove it.`, { value: id });
  }
  const product: Product = { id: Number(id) };
  for (const column of textColumns) {
    const text = value(column);
    if (text !== undefined) product[column] = text;
  }
  const year = value('year');
  if (year !== undefined) {
    if (!/^\d{4}$/.test(year)) {
      throw new PipelineError('source.badYear', `${where}: the year '${year}' is not a number of four digits. Mend it, or leave it empty.`, { value: year });
    }
    product.year = Number(year);
  }
  return product;
}
