import type { IdType } from '../id.js';
import type { FileFacts } from './header.js';

/** The bytes of a file that is not on the disk. */
export interface Bytes {
  readonly byteLength: number;
  /** All, from the first to the last. */
  stream(): AsyncIterable<Buffer>;
  /** Those of a range; before 0 counts from the end. */
  slice(from: number, to?: number): Promise<ArrayBuffer>;
}

/** A file of rows, and the columns that it needs. */
export interface Table {
  /** Its path, or what it is called in messages where `bytes` are given. */
  file: string;
  bytes?: Bytes | undefined;
  /** The names that the header must have. */
  needed: readonly string[];
  /** The column of the ids. */
  id: string;
  /** What they are; default: whole numbers. */
  idType?: IdType | undefined;
  /** Default: as its byte order mark says, else UTF-8. */
  encoding?: string | undefined;
}

/** Why a row cannot be read. */
export type Fault = Readonly<{ code: string; reason: string }>;

/** A row of a file: a cell for each column of the head, a text in a CSV and of its own type elsewhere. */
export type SourceRow = Readonly<
  { line: number } & ({ values: readonly unknown[]; withQuotes?: number | undefined } | Fault)
>;

/** Streams the rows of a file; `onHead` is called once, before the first. */
export type TableReader = (
  table: Table,
  onHead: (head: Omit<FileFacts, 'missing'>) => void,
) => AsyncGenerator<SourceRow>;
