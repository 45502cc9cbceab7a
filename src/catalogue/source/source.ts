import type { Entry } from '../entry.js';
import type { ProductId } from '../id.js';
import type { Product } from '../product.js';
import type { Schema } from '../schema.js';

/**
 * Where a catalogue comes from before it is on AWS: a folder (`folderSource`) or the drawn sample (`sampleSource`).
 */
export interface CatalogueSource<P extends Entry = Product> {
  /** For people: `the sample`, or the folder. */
  readonly name: string;
  /** What its products are; default: those of the fashion catalogue. */
  readonly schema?: Schema<P> | undefined;
  /**
   * The products that have an image, in the order of the file, without `imagePath`. Can be gone through again.
   * `onProblem` hears of each row that had to be mended or left out.
   *
   * @throws PipelineError `source.…` where a row makes no sense.
   */
  products(signal?: AbortSignal, onProblem?: (problem: RowProblem) => void): AsyncIterable<P>;
  /** The encoded image of a product. */
  image(id: ProductId): Promise<Uint8Array>;
}

/** A row that was not taken as it stood. */
export interface RowProblem {
  line: number;
  kind: 'mended' | 'malformed' | 'without image';
  reason: string;
}
