import type { ProductId } from '../catalogue/index.js';

/**
 * What can be labelled: a product, a row of a data set's metadata, or anything else with an id. Its given labels are
 * its fields.
 */
export interface Item {
  readonly id: ProductId;
}

/** The given label of an item's attribute; undefined if the field is missing, null or empty. */
export function labelOf(item: Item, attribute: string): string | undefined {
  const label: unknown = Reflect.get(item, attribute);
  return label === undefined || label === null || label === '' ? undefined : String(label);
}
