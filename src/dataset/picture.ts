import { z } from 'zod';
import type { Product } from '../catalogue/index.js';

/** A row of a data set's metadata: the product's 11 columns (null where the catalogue has no value) and, in derived data sets, more. */
export interface Row {
  id: number;
  gender: string | null;
  masterCategory: string | null;
  subCategory: string | null;
  articleType: string | null;
  baseColour: string | null;
  season: string | null;
  year: number | null;
  usage: string | null;
  productDisplayName: string | null;
  /** Where the row's image is: `s3://<bucket>/<key>`. */
  imagePath: string;
  [column: string]: unknown;
}

const text = z.string().nullable();
const shape = {
  id: z.number(),
  gender: text,
  masterCategory: text,
  subCategory: text,
  articleType: text,
  baseColour: text,
  season: text,
  year: z.number().nullable(),
  usage: text,
  productDisplayName: text,
  imagePath: z.string(),
};

/** A row as metadata.json has it. */
export const rowSchema: z.ZodType<Row> = z.looseObject(shape);

/** The columns of an export's metadata, in their order. */
export const metadataColumns = Object.keys(shape);

/** The row of a product whose exported image is at `imagePath`. */
export const toRow = (product: Product, imagePath: string): Row => ({
  id: product.id,
  gender: product.gender ?? null,
  masterCategory: product.masterCategory ?? null,
  subCategory: product.subCategory ?? null,
  articleType: product.articleType ?? null,
  baseColour: product.baseColour ?? null,
  season: product.season ?? null,
  year: product.year ?? null,
  usage: product.usage ?? null,
  productDisplayName: product.productDisplayName ?? null,
  imagePath,
});

/** An image of a data set with its row of metadata. */
export interface Picture {
  id: number;
  /** The row of metadata. */
  row: Row;
  /** The encoded image, as it lies in the bucket. */
  data: Uint8Array;
}
