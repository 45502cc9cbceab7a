import type { Bytes } from '../formats/index.js';

/** The file in which a target says what is in it. */
export const journalName = '.ml-pipeline.json';

/** A folder, here or in S3, that files are written to. A file is there as a whole or not at all. */
export interface Place {
  /** As a person names it. */
  readonly name: string;
  /** The files that are there, by their names as seen from the place, with `/` between folders. */
  files(signal?: AbortSignal): Promise<Map<string, There>>;
  /** The MD5 in hex of a file that is there; undefined where it cannot be told. */
  md5(name: string, there: There): Promise<string | undefined>;
  /** The text of a small file; undefined where there is none. */
  read(name: string): Promise<string | undefined>;
  write(name: string, content: AsyncIterable<Bytes> | Iterable<Bytes>, signal?: AbortSignal): Promise<void>;
  remove(names: readonly string[]): Promise<void>;
  /** The address of the data set whose folder this is, or is below: the kit keeps that as it is. */
  dataset(): Promise<string | undefined>;
}

/** A file that is there. */
export interface There {
  readonly bytes: number;
  /** In S3. */
  readonly etag?: string;
}
