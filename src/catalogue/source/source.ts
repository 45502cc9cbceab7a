import type { Entry } from '../entry.js';
import type { ProductId } from '../id.js';
import type { Product } from '../product.js';
import type { Schema } from '../schema.js';
import type { FileFacts } from './header.js';

/**
 * Where a catalogue comes from before it is on AWS: a folder (`folderSource`) or the drawn sample
 * (`sampleSource`).
 *
 * @example
 * const source: CatalogueSource = sampleSource();
 * for await (const { id } of source.products()) console.log(id, (await source.image(id)).length, 'bytes');
 */
export interface CatalogueSource<P extends Entry = Product> {
  /** To be shown: `the sample`, or the path of the folder. */
  readonly name: string;
  /** The schema of its products; default: the fashion catalogue's. */
  readonly schema?: Schema<P> | undefined;
  /**
   * The products that have an image, in the order of the file, without `imagePath`. Each call reads them again.
   *
   * @param signal Stops the reading.
   * @param onProblem Called with each row that had to be repaired or left out.
   * @param onFacts Called after the last product of a CSV file with how it was read.
   * @throws PipelineError `source.…`, `text.…` where the file cannot be read.
   */
  products(
    signal?: AbortSignal,
    onProblem?: (problem: RowProblem) => void,
    onFacts?: (facts: FileFacts) => void,
  ): AsyncIterable<P>;
  /** The image of a product as an encoded file: JPEG, PNG, or whatever `decodeImage` reads. */
  image(id: ProductId): Promise<Uint8Array>;
}

/** A row that was repaired or left out. */
export interface RowProblem {
  /** The line of the file in which the row begins, 1 for the header. */
  line: number;
  /** Rows of the kinds `malformed` and `without image` are left out. */
  kind: 'repaired' | 'malformed' | 'without image';
  /** The kind of the reason, for programs: `source.badNumber`, `source.noImage`, … */
  code: string;
  /** What is wrong with it, in words. */
  reason: string;
}
