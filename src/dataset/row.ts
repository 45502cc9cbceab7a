import { z } from 'zod';
import { type Entry, fieldNames, fieldValue, idSchema, type Product, type ProductId } from '../catalogue/index.js';

type Nullable<T> = { readonly [Name in keyof T]: T[Name] | null };

/**
 * A row of a data set's metadata: the product's columns (null where the catalogue has no value) and, in derived data
 * sets, more. Those of the fashion catalogue are typed as it types them; others are `unknown` to the compiler. A row is
 * never changed: `{ ...row, season: 'Fall' }` is a new one.
 */
export interface Row extends Nullable<Omit<Product, keyof Entry>> {
  readonly id: ProductId;
  /** Where the row's image is: `s3://<bucket>/<key>`. */
  readonly imagePath: string;
  readonly [column: string]: unknown;
}

/** A row as metadata.json has it. */
export const rowSchema = z.custom<Row>(
  (row) => rowShape.safeParse(row).success,
  'no row of metadata: it takes an id and an imagePath',
);
const rowShape = z.looseObject({ id: idSchema, imagePath: z.string() });

/** The columns of an export's metadata, in their order, where it does not name its own. */
export const metadataColumns: readonly string[] = fieldNames;

/** The row of a product whose exported image is at `imagePath`. */
export const toRow = (product: Entry, imagePath: string, columns: readonly string[]): Row => ({
  id: product.id,
  ...Object.fromEntries(columns.map((name) => [name, fieldValue(product, name) ?? null])),
  imagePath,
});

/** An image of a data set with its row of metadata. */
export interface Picture {
  id: ProductId;
  /** The row of metadata. */
  row: Row;
  /** The encoded image, as it lies in the bucket. */
  data: Uint8Array;
}
