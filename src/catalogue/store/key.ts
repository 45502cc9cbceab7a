import type { AnyAttribute, Attribute } from '../field-types/index.js';
import { idAttribute, idAttributeTypes, type ProductId, parseId, textIdFault } from '../id.js';
import { cachedBySchema, columnTypes, type Schema } from '../schema.js';

/** An item as DynamoDB answers it. */
export type AnyItem = Readonly<Record<string, AnyAttribute>>;

/** The attributes of columns that are called otherwise. */
const renamed = cachedBySchema(
  ({ layout }): ReadonlyMap<string, string> =>
    new Map(
      layout && [
        ...Object.entries(layout.attributes ?? {}),
        ['id', layout.attributes?.[layout.key.partition] ?? layout.key.partition],
        ...(layout.image === undefined
          ? []
          : [['imagePath', layout.attributes?.[layout.image] ?? layout.image] as const]),
      ],
    ),
);

/** The name of a column's attribute. The `id` of a table with two keys is two: it has the partition key's. */
export const attributeOf = (schema: Schema, column: string): string => renamed(schema).get(column) ?? column;

/** The type that a key's attribute has: texts and dates are `S`. */
export const keyType = (schema: Schema, column: string): 'S' | 'N' =>
  idAttributeTypes[columnTypes(schema)[column] === 'number' ? 'number' : 'string'];

/** What a table's keys are, by name and type. */
interface TableKey {
  readonly attribute: string;
  readonly type: 'S' | 'N';
}

/** The attributes of the table's key: the partition key and, of some tables, the sort key. */
export const tableKey = cachedBySchema((schema): readonly [TableKey, TableKey?] => {
  const key = (column: string): TableKey => ({ attribute: attributeOf(schema, column), type: keyType(schema, column) });
  const { partition = 'id', sort } = schema.layout?.key ?? {};
  return sort === undefined ? [key(partition)] : [key(partition), key(sort)];
});

/**
 * The id of an item: its key, where that is one attribute; of two, `JK-0815/a`, where a `/` or `%` of the first is
 * escaped. Undefined where the key is no id, such as a number below 0, or a text of more than 200 characters.
 */
export function idOfItem(item: AnyItem, schema: Schema): ProductId | undefined {
  const [partition, sort] = tableKey(schema);
  const first = textOf(item, partition);
  if (first === undefined) return undefined;
  if (schema.id !== 'string') return parseId(first);
  if (!sort) return idOrNone(first);
  const second = textOf(item, sort);
  return second === undefined ? undefined : idOrNone(`${escaped(first)}/${second}`);
}

/** The attributes of an item that are its key. */
export const keyOf = <T>(item: Readonly<Record<string, T>>, schema: Schema): Record<string, T> =>
  Object.fromEntries(
    tableKey(schema).flatMap((key) => {
      const value = key && item[key.attribute];
      return key && value !== undefined ? [[key.attribute, value]] : [];
    }),
  );

/**
 * The key of the item that has this id; undefined where the table can have none. Inverse of `idOfItem`.
 */
export function keyOfId(id: ProductId, schema: Schema): Record<string, Attribute> | undefined {
  const [partition, sort] = tableKey(schema);
  if (typeof id === 'number') return schema.id === 'string' ? undefined : { [partition.attribute]: idAttribute(id) };
  if (schema.id !== 'string') return undefined;
  const at = id.indexOf('/');
  if (!sort) return keyAttributes([partition, id]);
  const first = id.slice(0, at).replace(/%2F|%25/g, decodeURIComponent);
  if (at <= 0 || escaped(first) !== id.slice(0, at)) return undefined;
  return keyAttributes([partition, first], [sort, id.slice(at + 1)]);
}

function keyAttributes(...keys: readonly [TableKey, string][]): Record<string, Attribute> | undefined {
  if (keys.some(([{ type }, text]) => text === '' || (type === 'N' && !isNumber(text)))) return undefined;
  return Object.fromEntries(
    keys.map(([{ attribute, type }, text]) => [attribute, type === 'N' ? { N: text } : { S: text }]),
  );
}

const textOf = (item: AnyItem, { attribute, type }: TableKey): string | undefined => item[attribute]?.[type];
const idOrNone = (text: string): string | undefined => (textIdFault(text) === undefined ? text : undefined);
const escaped = (text: string): string => text.replace(/[/%]/g, encodeURIComponent);

/** Whether a text is a number as DynamoDB writes them, so that no other text is the same key: of up to 38 digits. */
const isNumber = (text: string): boolean =>
  /^(?:0|-?(?:[1-9]\d*(?:\.\d*[1-9])?|0\.\d*[1-9]))$/.test(text) &&
  text.replace(/^-?0?\.?0*|\.|0+$/g, '').length <= 38 &&
  text.length <= 140;
