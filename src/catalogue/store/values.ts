import { z } from 'zod';
import { type Entry, fieldValue } from '../entry.js';
import type { Value } from '../query/predicate.js';
import type { Schema } from '../schema.js';

/** A field with more values than this, or with a longer one, is free text: its values are not kept. */
const mostValues = 500;
const longestValue = 100;

/** The shape of the values in JSON: by field, each with its number of products; null for a field of free text. */
export const valuesShape = z.record(
  z.string(),
  z.array(z.tuple([z.union([z.string(), z.number(), z.boolean()]), z.number()])).nullable(),
);

/** The values of each field with their numbers of products, the most frequent first; null where there are too many. */
export type FieldValues = z.infer<typeof valuesShape>;

/** The counts of one field; null once it is known to be free text. */
type Counts = Map<Value, number> | null;

/** Counts the values of each field, one product at a time. */
export class ValueCounter {
  readonly #counts: Map<string, Counts>;

  constructor({ fields }: Schema) {
    this.#counts = new Map(Object.keys(fields).map((field) => [field, new Map()]));
  }

  add(product: Entry): void {
    for (const [field, counts] of this.#counts) this.#counts.set(field, counted(counts, product, field, 1));
  }

  get result(): FieldValues {
    return Object.fromEntries(Array.from(this.#counts, ([field, counts]) => [field, counts && inOrder(counts)]));
  }
}

/** The counts after products were changed. */
export const changeCounts = (values: FieldValues, changes: readonly { before: Entry; after: Entry }[]): FieldValues =>
  Object.fromEntries(
    Object.entries(values).map(([field, given]) => {
      let counts: Counts = given && new Map(given);
      for (const { before, after } of changes) counts = counted(counted(counts, before, field, -1), after, field, 1);
      return [field, counts && inOrder(counts)];
    }),
  );

/** Counts a product's values of a field once more, or once less. */
function counted(counts: Counts, product: Entry, field: string, by: 1 | -1): Counts {
  const value = counts ? fieldValue(product, field) : undefined;
  if (!counts || value === undefined) return counts;
  const values: readonly Value[] = typeof value === 'object' ? value : [value];
  for (const each of new Set(values)) {
    // Below 0 for as long as what gave a product that value is not counted yet.
    const products = (counts.get(each) ?? 0) + by;
    if (products !== 0) counts.set(each, products);
    else counts.delete(each);
  }
  return counts.size > mostValues || values.some((each) => typeof each === 'string' && each.length > longestValue)
    ? null
    : counts;
}

const inOrder = (counts: ReadonlyMap<Value, number>): [Value, number][] =>
  [...counts].sort(([a, products], [b, others]) => others - products || (a < b ? -1 : 1));
