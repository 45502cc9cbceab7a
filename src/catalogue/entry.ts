import type { FieldValue } from './field-types/index.js';
import type { ProductId } from './id.js';

/** What the products of every catalogue have. */
export interface Entry {
  /** A whole number above 0, or a text where the schema says so. */
  readonly id: ProductId;
  /** `s3://<bucket>/images/<file>.jpg`, the file named by the id; in another system's table, what that says. */
  readonly imagePath?: string;
}

/** A product's value of a field; undefined where it has none. */
export function fieldValue(product: Entry, field: string): FieldValue | undefined {
  const value: unknown = Reflect.get(product, field);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || Array.isArray(value)
    ? value
    : undefined;
}

/**
 * A product whose fields the compiler does not know: of a table that is named without its schema.
 *
 * @example
 * const { catalogue } = await connect({ table: 'FashionProducts' });
 * const products: AnyProduct[] = await catalogue.query({ season: 'Fall' }).first(3);
 */
export interface AnyProduct extends Entry {
  readonly [field: string]: FieldValue | undefined;
}
