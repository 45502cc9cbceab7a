import { didYouMean, PipelineError, plural } from '../../work/index.js';
import type { Entry } from '../entry.js';
import { type FieldValue, kindOf, numberFault } from '../field-types/index.js';
import { checkId, type ProductId } from '../id.js';
import type { Product } from '../product.js';
import type { Schema } from '../schema.js';

/**
 * New values of a product, and in `was` the values that were seen: each must be the one that is there when it is
 * changed. `null` stands for none: as a new value it removes the field.
 *
 * @example
 * const change: Change = { id: 15970, season: 'Winter', usage: null, was: { season: 'Fall', usage: 'Casual' } };
 * const { catalogue } = await connect();
 * console.log(await catalogue.update([change], { reason: 'looked at it' }));
 */
export type Change<P extends Entry = Product> = { readonly id: P['id']; readonly was?: NewValues<P> } & NewValues<P>;

type NewValues<P> = { readonly [F in Exclude<keyof P, keyof Entry>]?: P[F] | null | undefined };

/** Values by field; null for none. */
export type Values = Readonly<Record<string, FieldValue | null>>;

/** A checked change: what is to be there before, and afterwards. What must only be there is in both. */
export interface Correction {
  readonly id: ProductId;
  /** Undefined values were not said. */
  readonly before: Readonly<Record<string, FieldValue | null | undefined>>;
  readonly after: Values;
}

/**
 * Checks changes, wherever they come from (a cell, a file), before any of them is made. Those of one product become
 * one.
 *
 * @param forced Whether `was` may be left out.
 * @throws PipelineError `change.malformed`, `change.unknownField`, `change.fixedField`, `change.badValue`,
 * `change.noWas`, `change.twice`, `source.badId`.
 */
export function parseChanges(changes: unknown, schema: Schema, forced = false): Correction[] {
  if (!Array.isArray(changes))
    throw new PipelineError(
      'change.malformed',
      `The changes are ${brief(changes)}; give a list such as [{ id: 15970, season: 'Fall', ` +
        `was: { season: 'Summer' } }].`,
      { value: changes },
    );
  const corrections = new Map<ProductId, Correction>();
  const unseen: string[] = [];
  for (const given of changes) {
    const { id, before, after } = parseChange(given, schema);
    for (const [field, value] of Object.entries(before))
      if (value === undefined && !forced) unseen.push(`${field} of ${id}`);
    const other = corrections.get(id);
    const twice = Object.keys(after).find((field) => other && Object.hasOwn(other.after, field));
    if (twice !== undefined)
      throw new PipelineError('change.twice', `There are two changes of ${twice} of ${id}. Leave one out.`, {
        value: id,
      });
    corrections.set(id, { id, before: { ...other?.before, ...before }, after: { ...other?.after, ...after } });
  }
  if (unseen.length > 0)
    throw new PipelineError(
      'change.noWas',
      `${plural(unseen.length, 'change')} without the value that was seen, the first of ${unseen[0]}. Say it, as in ` +
        `{ id: 15970, season: 'Fall', was: { season: 'Summer' } } (null for none), or give { force: true } to ` +
        'replace whatever is there.',
      { value: unseen },
    );
  return [...corrections.values()];
}

function parseChange(given: unknown, schema: Schema): Correction {
  if (!isObject(given))
    throw new PipelineError('change.malformed', `A change is ${brief(given)}; it takes an id and new values.`, {
      value: given,
    });
  const { id, was = {}, ...fields } = given;
  if (typeof id !== 'number' && typeof id !== 'string')
    throw new PipelineError('change.malformed', `A change has no id: ${brief(given)}.`, { value: given });
  checkId(id, schema.id);
  if (!isObject(was))
    throw new PipelineError(
      'change.malformed',
      `The 'was' of ${id} is ${brief(was)}; it takes the values that were seen, as in { season: 'Summer' }.`,
      { value: was },
    );
  const seen = valuesOf(id, was, schema, true);
  const after = { ...seen, ...valuesOf(id, fields, schema, false) };
  if (Object.keys(after).length === 0)
    throw new PipelineError('change.malformed', `The change of ${id} has no new value: ${brief(given)}.`, {
      value: given,
    });
  return { id, before: Object.fromEntries(Object.keys(after).map((field) => [field, seen[field]])), after };
}

/** The values of fields in the form in which they are kept; one that was seen to be undefined is none. */
function valuesOf(id: ProductId, given: Record<string, unknown>, schema: Schema, seen: boolean): Values {
  const values: Record<string, FieldValue | null> = {};
  const names = Object.keys(schema.fields);
  const { partition, sort } = schema.layout?.key ?? {};
  const fixed = new Set(['id', 'imagePath', partition, sort]);
  for (const [field, value] of Object.entries(given)) {
    const type = Object.hasOwn(schema.fields, field) ? schema.fields[field] : undefined;
    if (fixed.has(field))
      throw new PipelineError(
        'change.fixedField',
        `The ${field} of a product (${id}) cannot be changed. Seed the catalogue with another data set instead.`,
        { value: id },
      );
    if (type === undefined)
      throw new PipelineError(
        'change.unknownField',
        `The change of ${id} names '${field}', which is not a field.${didYouMean(field, names)} The fields are ` +
          `${names.join(', ')}.`,
        { value: field },
      );
    if (value === undefined && !seen) continue;
    const kind = kindOf(type);
    const kept = value === null || value === undefined ? null : kind.valueOf(value);
    const fault = typeof kept === 'number' ? numberFault(kept) : undefined;
    if (kept === undefined || fault)
      throw new PipelineError(
        'change.badValue',
        `${seen ? 'What was seen' : 'The new value'} of ${field} of ${id} is ${brief(value)}, which ` +
          `${fault?.reason ?? `must be ${kind.wanted} (null for none).`}`,
        { value },
      );
    values[field] = kept;
  }
  return values;
}

/** Whether two values are the same in the form in which they are kept. */
export const sameValue = (a: FieldValue | null, b: FieldValue | null): boolean =>
  a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));

/** The fields that a correction changes; in the others a value must only be there. */
export const changedFields = ({ before, after }: Correction): string[] =>
  Object.keys(after).filter((field) => !sameValue(before[field] ?? null, after[field] ?? null));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const brief = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
};
