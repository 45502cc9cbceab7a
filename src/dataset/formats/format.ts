import type { FieldType } from '../../catalogue/index.js';
import type { Manifest } from '../manifest.js';
import type { Part } from '../part.js';

/** Some bytes of a file; a text is written as UTF-8. */
export type Bytes = string | Uint8Array;

/** A column of the metadata, as the schema has it. A row may lack its value, or have null. */
export interface Column {
  readonly name: string;
  readonly type: FieldType;
}

/** A file of a data set's folder: what it is called, and how it is written. */
export interface FileFormat {
  /** Its name in the folder, such as `metadata.csv`. */
  readonly file: string;
  /** Its content type. */
  readonly type: string;
  /** Begins one file with these columns. The writer is for that file alone, and may keep state from part to part. */
  open(columns: readonly Column[]): FileWriter | Promise<FileWriter>;
}

/**
 * Writes one file as the rows come. All bytes together are `start`, then `part` for each part, then `end`. They are
 * uploaded as they are returned, so a writer keeps no more than it needs (a binary one, say, the offsets for its
 * footer) and does not change what it has returned.
 */
export interface FileWriter {
  readonly start: Bytes;
  /**
   * The bytes that some rows add. Each part has 1,000 rows, the last one from 1 to 1,000, however the rows came in:
   * the same rows give the same bytes, row groups included.
   */
  part(part: Part): Bytes | Promise<Bytes>;
  /** The bytes that complete the file; undefined to leave the file out. */
  end(totals: Totals): Bytes | undefined | Promise<Bytes | undefined>;
}

/** What all parts come to: the number of rows, the numbers of each row's embedding (if there are any), what failed. */
export type Totals = Pick<Manifest, 'count' | 'dimensions' | 'failures'>;
