import type { Product } from './product.js';

/**
 * Where a catalogue comes from before it is on AWS: a folder of Kaggle's layout (`folderSource`) or the drawn sample
 * (`sampleSource`).
 */
export interface CatalogueSource {
  /** For people: `the sample`, or the folder. */
  readonly name: string;
  /**
   * The products that have an image, in the order of the file, without `imagePath`. Can be gone through again.
   *
   * @throws PipelineError `source.…` where a row cannot be read.
   */
  products(signal?: AbortSignal): AsyncIterable<Product>;
  /** The encoded image of a product. */
  image(id: number): Promise<Uint8Array>;
}
