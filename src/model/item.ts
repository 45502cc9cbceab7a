import type { ProductId } from '../catalogue/index.js';

/**
 * What can be labelled: a product, a row of a data set's metadata, or anything else with an id; its labels are its own
 * fields.
 */
export interface Item {
  readonly id: ProductId;
}

/** What an item itself says of an attribute; undefined where it says nothing. */
export function labelOf(item: Item, attribute: string): string | undefined {
  const label: unknown = Reflect.get(item, attribute);
  return label === undefined || label === null || label === '' ? undefined : String(label);
}
