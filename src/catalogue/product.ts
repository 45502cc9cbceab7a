import type { Entry } from './entry.js';
import type { ProductId } from './id.js';
import { columnNames, type Schema } from './schema.js';

/**
 * A product of the fashion catalogue: the columns of Kaggle's `styles.csv`, and where its image is. A missing value is
 * absent.
 */
export interface Product {
  id: ProductId;
  gender?: string;
  masterCategory?: string;
  subCategory?: string;
  articleType?: string;
  baseColour?: string;
  season?: string;
  year?: number;
  usage?: string;
  productDisplayName?: string;
  /** `s3://<bucket>/images/<id>.jpg` */
  imagePath?: string;
}
/** The name of a field of products. */
export type Field<P = Product> = keyof P & string;

/**
 * The fashion catalogue, which a table is that does not say otherwise. The most selective index comes first; none has a
 * lone gender, season or master category as its key: at scale such a partition is hot, and throttles the table with it.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 */
export const fashion: Schema<Product> = {
  fields: {
    gender: 'string',
    masterCategory: 'string',
    subCategory: 'string',
    articleType: 'string',
    baseColour: 'string',
    season: 'string',
    year: 'number',
    usage: 'string',
    productDisplayName: 'string',
  } satisfies Record<Exclude<Field, keyof Entry>, 'number' | 'string'>,
  indexes: [['articleType'], ['subCategory'], ['gender', 'masterCategory']],
  sort: 'year',
};

/** The names of the fashion catalogue's fields, in the order of the columns. */
export const fieldNames = columnNames(fashion);
