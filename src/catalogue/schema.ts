import { z } from 'zod';
import { didYouMean, PipelineError } from '../work/index.js';
import type { Entry } from './entry.js';
import { type FieldType, type FieldValueOf, fieldTypeNames, kindOf } from './field-types/index.js';
import { type IdType, idTypes } from './id.js';
import { type Layout, layoutFault, layoutShape } from './layout.js';

/** The fields of a schema, with the type of each. */
export type Fields = Readonly<Record<string, FieldType>>;

/**
 * The fields and indexes of a catalogue, as plain data. The fashion catalogue's schema is the default everywhere;
 * `defineSchema` makes one for data of your own. A table keeps the schema that it was seeded with.
 *
 * @example
 * const schema: Schema = { fields: { species: 'string', height: 'number' }, indexes: [['species']], sort: 'height' };
 * const source = await folderSource('my_leaves', { schema });
 */
export interface Schema<P extends Entry = Entry> {
  /** What the ids are: whole numbers above 0 (`number`, the default), or texts that are kept letter by letter. */
  readonly id?: IdType | undefined;
  /** The fields with their types, in the order of the columns, without `id` (the first) and `imagePath` (the last). */
  readonly fields: Fields;
  /** The fields of each index: a condition that names the values of all of them is read by that index. */
  readonly indexes: readonly (readonly string[])[];
  /** The field by which each index sorts, before the id: a number, a date or a text. */
  readonly sort?: string | undefined;
  /**
   * Of a table that another system made, and the kit only reads: its keys and indexes. It takes the place of `indexes`
   * and `sort`, which are those of the kit's own tables.
   */
  readonly layout?: Layout | undefined;
  /** Never set: it carries the type of the products. */
  readonly product?: P;
}

/**
 * The type of the products that have these fields.
 *
 * @example
 * type Leaf = ProductOf<{ species: 'string'; height: 'number' }>;
 * const leaf: Leaf = { id: 1, species: 'oak', height: 12 };
 */
export type ProductOf<F extends Fields, I extends IdType = 'number'> = { id: I extends 'number' ? number : string } & {
  [N in keyof F]?: FieldValueOf<F[N]>;
} & { imagePath?: string };

/**
 * Makes a schema for data of your own. Indexes make reading cheap: a condition that names the values of all fields of
 * an index reads those products only, and fewer still where it limits `sort`; every other condition scans the table.
 * Name the most selective index first, and none whose fields have few values: DynamoDB throttles a table where one
 * partition gets most of the requests.
 *
 * @param definition What the ids are, `number` (default) or `string`; the fields with their types; the fields of up to
 * 20 indexes; the field by which they sort; in their place the layout of a table that another system made.
 * @throws PipelineError `schema.malformed`; `schema.badField` where a name is reserved or has other characters than
 * letters, digits and `_`; `schema.badIndex`, `schema.badSort`, `schema.badLayout` where one names an unknown field or
 * one of another type.
 *
 * @example
 * const leaves = defineSchema({
 *   fields: { species: 'string', site: 'string', height: 'number' },
 *   indexes: [['site', 'species'], ['species']],
 *   sort: 'height',
 * });
 * const own = { table: 'Leaves', bucket: 'my-leaves' };
 * await seedCatalogue(clients(own), await folderSource('my_leaves', { schema: leaves, rows: 'leaves.csv' }));
 * const { catalogue } = await connect({ ...own, schema: leaves });
 *
 * @example
 * const shop = defineSchema({ id: 'string', fields: { type: 'string', price: 'number' }, indexes: [['type']] });
 * const hat: NonNullable<typeof shop.product> = { id: 'JK-0815/a', type: 'hat', price: 19.9 };
 */
export function defineSchema<F extends Fields, I extends IdType = 'number'>(definition: {
  id?: I;
  fields: F;
  indexes?: readonly (readonly (keyof F & string)[])[];
  sort?: keyof F & string;
  layout?: Layout | undefined;
}): Schema<ProductOf<F, I>> {
  return parseSchema(definition);
}

/** The shape of a schema in JSON. */
export const schemaShape = z.object({
  id: z.enum(idTypes).optional(),
  fields: z.record(z.string(), z.enum(fieldTypeNames)),
  indexes: z.array(z.array(z.string()).min(1).readonly()).max(20).readonly().default([]),
  sort: z.string().optional(),
  layout: layoutShape.optional(),
});

/**
 * Checks a schema, wherever it comes from (a cell, a file, the table).
 *
 * @throws PipelineError as `defineSchema` does.
 */
export function parseSchema<P extends Entry>(definition: unknown): Schema<P> {
  const parsed = schemaShape.safeParse(definition);
  if (!parsed.success) {
    const reasons = z.prettifyError(parsed.error).replaceAll('\n', ' ');
    throw new PipelineError(
      'schema.malformed',
      `The schema is malformed: ${reasons}. It should look like { fields: { species: 'string', ` +
        `height: 'number' }, indexes: [['species']], sort: 'height' }.`,
      { value: definition },
    );
  }
  const { id, fields, indexes, sort, layout } = parsed.data;
  if (layout) return ofLayout({ ...(id === 'string' && { id }), fields, indexes, sort, layout });
  const names = Object.keys(fields);
  const known = (name: string, code: string, where: string) => {
    if (Object.hasOwn(fields, name)) return;
    throw new PipelineError(
      code,
      `${where} names '${name}', which is not a field.${didYouMean(name, names)} The fields are ${names.join(', ')}.`,
      { value: name },
    );
  };
  for (const hash of indexes) {
    for (const field of hash) known(field, 'schema.badIndex', `An index (${hash.join(', ')})`);
    const [only = ''] = hash.length === 1 ? hash : [];
    const list = hash.find((field) => fields[field] === 'string[]');
    if (list !== undefined || fields[only] === 'number' || fields[only] === 'boolean') {
      const why =
        list === undefined
          ? `has ${kindOf(fields[only] ?? 'number').title} as its only field. Index it with a text`
          : `names '${list}', a list, which has no one value. Leave it out`;
      throw new PipelineError(
        'schema.badIndex',
        `The index of '${hash.join()}' ${why}${fields[only] === 'number' ? ", or name it as 'sort'" : ''}.`,
        { value: hash },
      );
    }
  }
  if (sort !== undefined) {
    known(sort, 'schema.badSort', `'sort'`);
    const { sortText, title } = kindOf(fields[sort] ?? 'string');
    if (!sortText)
      throw new PipelineError(
        'schema.badSort',
        `The indexes cannot sort by '${sort}', which is ${title}. Name a number, a date or a text, or leave ` +
          `'sort' out.`,
        { value: sort },
      );
  }
  const twice = indexes.map(indexName).find((name, i, all) => all.indexOf(name) !== i);
  if (twice !== undefined)
    throw new PipelineError(
      'schema.badIndex',
      `Two indexes would be called '${twice}'. Leave one out, or rename a field.`,
      {
        value: twice,
      },
    );
  const made = [...indexes.filter((hash) => hash.length > 1).map(joinNames), sortAttribute({ fields, indexes, sort })];
  for (const name of names) {
    const why = fieldNameFault(name) ?? (made.includes(name) ? 'is the name of a key' : undefined);
    if (why)
      throw new PipelineError(
        'schema.badField',
        `A field cannot be called '${name}': it ${why}. Rename it, also in the header of the CSV.`,
        { value: name },
      );
  }
  return { ...(id === 'string' && { id }), fields, indexes, sort };
}

/** A schema with a layout, checked: its fields are called as the table's attributes are, with any characters. */
function ofLayout<P extends Entry>(schema: Schema<P> & { layout: Layout }): Schema<P> {
  const { id = 'number', fields, indexes, sort, layout } = schema;
  const meaning = Object.keys(fields).find((name) => reserved.includes(name) || name === '');
  if (meaning !== undefined)
    throw new PipelineError(
      'schema.badField',
      `A field cannot be called '${meaning}': it means something else. Call it '${meaning}_', and say so in the ` +
        `layout: attributes: { ${meaning}_: '${meaning}' }.`,
      { value: meaning },
    );
  const fault =
    indexes.length > 0 || sort !== undefined
      ? "'indexes' and 'sort' are those of the kit's own tables: leave them out beside a layout, which has its own"
      : layoutFault(layout, fields, id);
  if (fault === undefined) return schema;
  throw new PipelineError(
    'schema.badLayout',
    `${fault}. The fields are ${Object.keys(fields).join(', ')}. To find the layout of a table: npx zx ` +
      'scripts/describe.mjs --table NAME',
    { value: layout },
  );
}

/** Words that conditions use, and columns that the kit adds. */
export const reserved = ['id', 'imagePath', 'and', 'or', 'not', 'variant', 'transforms', 'predicted'];

/** Why a field, or a column of a data set, cannot have a name, to follow it; undefined where it can. */
export function fieldNameFault(name: string): string | undefined {
  if (reserved.includes(name)) return 'means something else';
  return /^[A-Za-z]\w{0,99}$/.test(name)
    ? undefined
    : 'has other characters than letters, digits and _, or does not begin with a letter';
}

/** A function of a schema that keeps its result for each schema: it is called once for every product. */
export function cachedBySchema<T extends object>(make: (schema: Schema) => T): (schema: Schema) => T {
  const made = new WeakMap<Schema, T>();
  return (schema) => {
    const before = made.get(schema);
    if (before) return before;
    const value = make(schema);
    made.set(schema, value);
    return value;
  };
}

/** The types of all columns by their names, in the order of the columns. */
export const columnTypes = cachedBySchema(
  ({ id = 'number', fields }): Fields => ({ id, ...fields, imagePath: 'string' }),
);
/** The names of all columns, in their order. */
export const columnNames = (schema: Schema): string[] => Object.keys(columnTypes(schema));

/** Names as one name: `genderMasterCategory`. */
export const joinNames = (names: readonly string[]): string =>
  names.map((name, i) => (i === 0 ? name : capital(name))).join('');
/** The name of the index of these fields: `byGenderMasterCategory`. */
export const indexName = (hash: readonly string[]): string => `by${capital(joinNames(hash))}`;
const capital = (name: string): string => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;

/**
 * The name of the attribute by which every index sorts; its values are `<sort>#<id>`, with `-` for a product without a
 * value of `sort`.
 */
export const sortAttribute = ({ sort }: Schema): string => (sort === undefined ? 'sortKey' : `${sort}Id`);

/** The fields of a key: `sku + size`. */
export const keyInWords = ({ key }: Layout): string => [key.partition, key.sort ?? []].flat().join(' + ');

/** Whether two schemas have the same fields and indexes. */
export const sameSchema = (a: Schema, b: Schema): boolean => describeSchema(a) === describeSchema(b);

/** A schema in words: `species, height (a number); indexes: species; sorted by height`. */
export function describeSchema({ id, fields, indexes, sort, layout }: Schema): string {
  const columns = Object.entries(fields).map(([name, type]) => {
    const { title } = kindOf(type);
    return title === '' ? name : `${name} (${title})`;
  });
  if (layout) return `${columns.join(', ')}; key ${keyInWords(layout)} of a table that another system made`;
  return (
    `${id === 'string' ? 'id (a text), ' : ''}${columns.join(', ')}; indexes: ` +
    `${indexes.map((hash) => hash.join(' + ')).join(', ') || 'none'}${sort === undefined ? '' : `; sorted by ${sort}`}`
  );
}
