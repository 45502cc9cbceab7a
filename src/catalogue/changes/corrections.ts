import type { Aws } from '../../aws/index.js';
import type { Entry } from '../entry.js';
import { type FieldValue, kindOf } from '../field-types/index.js';
import type { ProductId } from '../id.js';
import type { Schema } from '../schema.js';
import { changedFields, sameValue } from './change.js';
import {
  beginChangeSet,
  type ChangeSetRecord,
  changeSetIds,
  endChangeSet,
  newRecord,
  readChangeSets,
  undoOf,
} from './change-set.js';
import { changedProduct, valuesNow } from './item-update.js';
import { finishedChangeSets } from './undo.js';
import { applyChangeSet, type UpdateOptions } from './update.js';

/** What is corrected in the catalogue, so that seeding it again keeps that. */
export class Corrections {
  /** How many values are not those of the source. */
  kept = 0;
  readonly #values = new Map<ProductId, Record<string, FieldValue | null>>();
  readonly #known: ReadonlySet<string>;

  constructor(records: readonly ChangeSetRecord[], schema: Schema) {
    this.#known = new Set(records.map(({ id }) => id));
    const byId = new Map(records.map((record) => [record.id, record]));
    const isUndone = ({ id }: ChangeSetRecord): boolean => {
      const undo = byId.get(undoOf(id));
      return undo?.done !== undefined && !isUndone(undo);
    };
    for (const record of records) {
      if (record.discards) this.#values.clear();
      if (!record.done || record.undoes !== undefined || isUndone(record)) continue;
      const left = new Set([...record.done.conflicts, ...record.done.failed].map(({ id }) => id));
      for (const change of record.changes) if (!left.has(change.id)) this.#add(change, schema);
    }
  }

  /** How many products have corrected values. */
  get size(): number {
    return this.#values.size;
  }

  #add(change: ChangeSetRecord['changes'][number], { fields }: Schema): void {
    for (const field of changedFields(change)) {
      const type = Object.hasOwn(fields, field) ? fields[field] : undefined;
      const value = change.after[field] ?? null;
      if (type === undefined || (value !== null && kindOf(type).valueOf(value) === undefined)) continue;
      const values = this.#values.get(change.id) ?? {};
      values[field] = value;
      this.#values.set(change.id, values);
    }
  }

  /** Takes the corrected values from the table, where the product is there: it knows which was last. */
  see(product: Entry): void {
    const values = this.#values.get(product.id);
    if (values) Object.assign(values, valuesNow(product, { after: values }));
  }

  /** A product of the source with its corrected values. */
  keep(product: Entry): Entry {
    const values = this.#values.get(product.id);
    if (!values) return product;
    const source = valuesNow(product, { after: values });
    this.kept += Object.keys(values).filter((field) => !sameValue(source[field] ?? null, values[field] ?? null)).length;
    return changedProduct(product, values);
  }

  /** Makes the changes again that were begun since these corrections were read: seeding may have written over them. */
  async keepLater(aws: Aws, schema: Schema, options: UpdateOptions): Promise<void> {
    const later = (await changeSetIds(aws, options.signal)).filter((id) => !this.#known.has(id));
    for (const record of await readChangeSets(aws, later, options.signal))
      if (!record.discards) await applyChangeSet(aws, schema, record, { ...options, resumed: true });
  }
}

/**
 * The corrections of a table, after what was begun of them and not done is done; of one that was just created, those
 * that it shall have.
 */
export async function readCorrections(
  aws: Aws,
  schema: Schema,
  created: boolean,
  options: UpdateOptions,
): Promise<Corrections> {
  const read = created ? readChangeSets(aws, undefined, options.signal) : finishedChangeSets(aws, schema, options);
  return new Corrections(await read, schema);
}

/** Writes down that what was corrected so far is given up; corrections that come later are kept again. */
export async function discardCorrections(aws: Aws, schema: Schema): Promise<void> {
  const record = newRecord(aws, schema, { reason: 'seeded with --discard-corrections' });
  await beginChangeSet(aws, { ...record, discards: true });
  await endChangeSet(aws, { ...record, discards: true }, { conflicts: [], failed: [] });
}
