/** A product of the catalogue: the columns of Kaggle's `styles.csv`, and where its image is. A missing value is absent. */
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
/** The name of a field of products. */
export type Field = keyof Product;

/** Every field with its type, in the order of the columns. */
export const fields = {
  id: 'number',
  gender: 'string',
  masterCategory: 'string',
  subCategory: 'string',
  articleType: 'string',
  baseColour: 'string',
  season: 'string',
  year: 'number',
  usage: 'string',
  productDisplayName: 'string',
  imagePath: 'string',
} as const satisfies Record<Field, 'number' | 'string'>;

/** The names of all fields, in the order of the columns. */
export const fieldNames = Object.keys(fields) as Field[];
