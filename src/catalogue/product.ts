import type { Entry } from './entry.js';
import { columnNames, type Schema } from './schema.js';

/**
 * A product of the fashion catalogue: the columns of Kaggle's `styles.csv`, and the place of its image. A product has
 * only those fields that have a value in the file.
 *
 * @example
 * const { catalogue } = await connect();
 * const product: Product | undefined = (await catalogue.query({ id: 15970 }).toArray())[0];
 */
export interface Product {
  id: number;
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
/**
 * The name of a field of products.
 *
 * @example
 * const { catalogue } = await connect();
 * const fields: Field[] = ['gender', 'year'];
 * for await (const { gender, year } of catalogue.query({}, { fields, limit: 10 })) console.log(gender, year);
 */
export type Field<P = Product> = keyof P & string;

/**
 * The schema of the fashion catalogue: the default for a table without a stored schema. The most selective index comes
 * first. No index has gender, season or master category alone as its key: so few values make partitions that are hot at
 * scale, and DynamoDB then throttles the whole table.
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

/**
 * The names of the fashion catalogue's fields, `id` and `imagePath` among them, in the order of the columns.
 *
 * @example
 * console.log(fieldNames.join()); // id,gender,masterCategory,…,productDisplayName,imagePath
 */
export const fieldNames = columnNames(fashion);
