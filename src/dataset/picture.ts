import type { Product } from '../catalogue/product.js';

/** A row of a data set's metadata: the product's 11 columns (null where the catalogue has no value) and, in derived data sets, more. */
export type Row = { [F in keyof Required<Product>]: Product[F] | null } & { id: number; imagePath: string } & Record<string, unknown>;

/** An image of a data set with its row of metadata. */
export interface Picture {
  id: number;
  /** The row of metadata. */
  row: Row;
  /** The encoded image, as it lies in the bucket. */
  data: Uint8Array;
}
