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

/** Counts the values of each field, one product at a time. */
export class ValueCounter {
  readonly #counts: Map<string, Map<Value, number> | null>;

  constructor({ fields }: Schema) {
    this.#counts = new Map(Object.keys(fields).map((field) => [field, new Map()]));
  }

  add(product: Entry): void {
    for (const [field, counts] of this.#counts) {
      const value = counts ? fieldValue(product, field) : undefined;
      if (!counts || value === undefined) continue;
      const values: readonly Value[] = typeof value === 'object' ? value : [value];
      for (const each of new Set(values)) counts.set(each, (counts.get(each) ?? 0) + 1);
      if (counts.size > mostValues || values.some((each) => typeof each === 'string' && each.length > longestValue))
        this.#counts.set(field, null);
    }
  }

  get result(): FieldValues {
    return Object.fromEntries(
      Array.from(this.#counts, ([field, counts]) => [
        field,
        counts && [...counts].sort(([a, products], [b, others]) => others - products || (a < b ? -1 : 1)),
      ]),
    );
  }
}
