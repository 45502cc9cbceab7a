import type { RowFormat } from './header.js';
import { readJsonLines } from './json-lines.js';
import { readParquet } from './parquet.js';
import { readRecords } from './records.js';
import type { TableReader } from './table.js';

/** How the rows of each format are read. */
const readers: Record<RowFormat, TableReader> = { csv: readRecords, jsonl: readJsonLines, parquet: readParquet };

const formatOf = (file: string): RowFormat =>
  /\.(jsonl|ndjson)$/i.test(file) ? 'jsonl' : /\.parquet$/i.test(file) ? 'parquet' : 'csv';

/** Streams the rows of a file as its name says that they are written: CSV, JSON Lines or Parquet. */
export const readTable: TableReader = (table, onHead) => readers[formatOf(table.file)](table, onHead);
