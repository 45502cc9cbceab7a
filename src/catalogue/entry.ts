import type { ProductId } from './id.js';

/** What the products of every catalogue have. */
export interface Entry {
  /** A whole number above 0. */
  readonly id: ProductId;
  /** `s3://<bucket>/images/<id>.jpg` */
  readonly imagePath?: string;
}

/** A product's value of a field; undefined where it has none. */
export function fieldValue(product: Entry, field: string): string | number | undefined {
  const value: unknown = Reflect.get(product, field);
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}
