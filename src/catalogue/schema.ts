import { z } from 'zod';
import { didYouMean, PipelineError } from '../work/index.js';
import type { Entry } from './entry.js';
import type { ProductId } from './id.js';

export type FieldType = 'number' | 'string';
type Fields = Readonly<Record<string, FieldType>>;

/**
 * What a catalogue's products are, as plain data: the fashion catalogue's is the default everywhere, `defineSchema`
 * makes one of your own. A table keeps the one that it was seeded with.
 */
export interface Schema<P extends Entry = Entry> {
  /**
   * The fields with their types, in the order of the columns; `id` before and `imagePath` after them are there by
   * themselves.
   */
  readonly fields: Fields;
  /** For each index the fields whose values, together, lead to its products. */
  readonly indexes: readonly (readonly string[])[];
  /** The field that the indexes order by, before the id: a whole number of up to four digits. */
  readonly sort?: string | undefined;
  /** Never there: what a product is, for the compiler. */
  readonly product?: P;
}

/** A product of such fields. */
export type ProductOf<F extends Fields> = { id: ProductId } & {
  [N in keyof F]?: F[N] extends 'number' ? number : string;
} & { imagePath?: string };

/**
 * The schema of data of your own. Indexes make reading cheap: a condition that gives all fields of one a value reads
 * those products alone, and of them, where it bounds `sort`, only some; every other condition scans the table. Name the
 * most selective first, and none of a field with few values: a partition that holds half the table is hot, and
 * throttles the rest with it.
 *
 * @throws PipelineError `schema.malformed`, `schema.badField`, `schema.badIndex`, `schema.badSort`.
 *
 * @example
 * const leaves = defineSchema({
 *   fields: { species: 'string', site: 'string', height: 'number' },
 *   indexes: [['site', 'species'], ['species']],
 *   sort: 'height',
 * });
 * await seedCatalogue(clients({ table: 'Leaves', bucket: 'leaves' }), await folderSource('my_leaves', { schema: leaves, csv: 'leaves.csv' }));
 * const { catalogue } = await connect({ table: 'Leaves', bucket: 'leaves', schema: leaves });
 */
export function defineSchema<F extends Fields>(definition: {
  fields: F;
  indexes?: readonly (readonly (keyof F & string)[])[];
  sort?: keyof F & string;
}): Schema<ProductOf<F>> {
  return parseSchema(definition);
}

/** A schema as JSON has it. */
export const schemaShape = z.object({
  fields: z.record(z.string(), z.enum(['number', 'string'])),
  indexes: z.array(z.array(z.string()).min(1).readonly()).max(20).readonly().default([]),
  sort: z.string().optional(),
});

/**
 * Checks a schema, whoever wrote it (a cell, a file, the table). @throws PipelineError as {@link defineSchema} does.
 */
export function parseSchema<P extends Entry>(definition: unknown): Schema<P> {
  const parsed = schemaShape.safeParse(definition);
  if (!parsed.success) {
    const reasons = z.prettifyError(parsed.error).replaceAll('\n', ' ');
    throw new PipelineError(
      'schema.malformed',
      `The fields are not defined as they should be: ${reasons}. It takes { fields: { species: 'string', ` +
        `height: 'number' }, indexes: [['species']], sort: 'height' }.`,
      { value: definition },
    );
  }
  const { fields, indexes, sort } = parsed.data;
  const names = Object.keys(fields);
  const known = (name: string, code: string, where: string) => {
    if (Object.hasOwn(fields, name)) return;
    throw new PipelineError(
      code,
      `${where} names '${name}', which is no field.${didYouMean(name, names)} The fields are ${names.join(', ')}.`,
      { value: name },
    );
  };
  for (const hash of indexes) {
    for (const field of hash) known(field, 'schema.badIndex', `An index (${hash.join(', ')})`);
    if (hash.length === 1 && hash.some((field) => fields[field] === 'number')) {
      throw new PipelineError(
        'schema.badIndex',
        `The index of '${hash.join()}' has a number alone as its key. Name it as 'sort', or index it beside a text.`,
        { value: hash },
      );
    }
  }
  if (sort !== undefined) {
    known(sort, 'schema.badSort', `'sort'`);
    if (fields[sort] !== 'number')
      throw new PipelineError(
        'schema.badSort',
        `The indexes cannot sort by '${sort}', which is a text. Name a number, or leave 'sort' out.`,
        { value: sort },
      );
  }
  const twice = indexes.map(indexName).find((name, i, all) => all.indexOf(name) !== i);
  if (twice !== undefined)
    throw new PipelineError('schema.badIndex', `Two indexes are called '${twice}'. Leave one out, or rename a field.`, {
      value: twice,
    });
  const made = [...indexes.filter((hash) => hash.length > 1).map(joined), sortAttributeOf({ fields, indexes, sort })];
  for (const name of names) {
    const why = reserved.includes(name)
      ? 'means something else'
      : made.includes(name)
        ? 'is the name of a key'
        : /^[A-Za-z]\w{0,99}$/.test(name)
          ? undefined
          : 'is not made of letters, digits and _, a letter first';
    if (why)
      throw new PipelineError(
        'schema.badField',
        `A field cannot be called '${name}': it ${why}. Rename it, in the CSV's header, too.`,
        { value: name },
      );
  }
  return { fields, indexes, sort };
}

/** Words of conditions, and columns that the kit adds. */
const reserved = ['id', 'imagePath', 'and', 'or', 'not', 'variant', 'transforms', 'predicted'];

/** What follows from a schema, worked out once: it is asked for with each product. */
export function ofSchema<T extends object>(make: (schema: Schema) => T): (schema: Schema) => T {
  const made = new WeakMap<Schema, T>();
  return (schema) => {
    const before = made.get(schema);
    if (before) return before;
    const value = make(schema);
    made.set(schema, value);
    return value;
  };
}

/** Every column with its type, in their order. */
export const columnsOf = ofSchema(({ fields }): Fields => ({ id: 'number', ...fields, imagePath: 'string' }));
export const columnNames = (schema: Schema): string[] => Object.keys(columnsOf(schema));

/** Names written together, as `genderMasterCategory`. */
export const joined = (names: readonly string[]): string =>
  names.map((name, i) => (i === 0 ? name : capital(name))).join('');
export const indexName = (hash: readonly string[]): string => `by${capital(joined(hash))}`;
const capital = (name: string): string => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;

/** The attribute that every index sorts by: `<sort>#<id>`, `-` where there is no such value. */
export const sortAttributeOf = ({ sort }: Schema): string => (sort === undefined ? 'sortKey' : `${sort}Id`);

export const sameSchema = (a: Schema, b: Schema): boolean => describeSchema(a) === describeSchema(b);

/** A schema for people: `species, height (a number); indexes: species; sorted by height`. */
export function describeSchema({ fields, indexes, sort }: Schema): string {
  const columns = Object.entries(fields).map(([name, type]) => (type === 'number' ? `${name} (a number)` : name));
  return (
    `${columns.join(', ')}; indexes: ` +
    `${indexes.map((hash) => hash.join(' + ')).join(', ') || 'none'}${sort === undefined ? '' : `; sorted by ${sort}`}`
  );
}
