import type { ProductId } from '../catalogue/index.js';

/**
 * What can be labelled: a product, a row of a data set's metadata, or anything else with an id. Its given labels are
 * its fields.
 */
export interface Item {
  readonly id: ProductId;
}

/** The given label of an item's attribute; undefined if the field is missing, null or empty. */
export function labelOf(item: object, attribute: string): string | undefined {
  const label: unknown = Reflect.get(item, attribute);
  return label === undefined || label === null || label === '' ? undefined : String(label);
}

/**
 * The given labels of an item's attribute of which several may hold: a list, or a text with commas, semicolons or bars
 * between them. Undefined if the field is missing, null or empty; an empty list says that no label holds.
 */
export function labelsOf(item: object, attribute: string, known: readonly string[]): string[] | undefined {
  const value: unknown = Reflect.get(item, attribute);
  if (Array.isArray(value)) return value.map(String);
  const text = labelOf(item, attribute);
  if (text === undefined) return undefined;
  // A label may have a comma of its own.
  return known.includes(text) ? [text] : text.split(/[,;|]/).map((part) => part.trim());
}
