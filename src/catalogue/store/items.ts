import { PipelineError } from '../../work/index.js';
import { type Entry, fieldValue } from '../entry.js';
import { type AnyAttribute, type Attribute, type FieldValue, kindOf, numberFault } from '../field-types/index.js';
import { idOfItem, idSortText } from '../id.js';
import { fashion, type Product } from '../product.js';
import { cachedBySchema, columnTypes, indexName, joinNames, type Schema, sortAttribute } from '../schema.js';

/** An item in DynamoDB's wire format. */
export type Item = Record<string, Attribute>;

/**
 * A global secondary index: products with the same values of `hash`, ordered by the schema's `sort` (for the fashion
 * catalogue, the year) and the id. Its sort keys are unique, so the order is the same at each read.
 */
export interface Index {
  name: string;
  /** The fields whose values, joined by `#`, make the partition key. */
  hash: readonly string[];
  /** The attribute of the partition key: the field itself, or one that is added for several fields. */
  hashAttribute: string;
}

/** The indexes of a schema. */
export const schemaIndexes = cachedBySchema(({ indexes }): readonly Index[] =>
  indexes.map((hash) => ({ name: indexName(hash), hash, hashAttribute: joinNames(hash) })),
);

/** Values of an index's fields as a partition key, joined by `#`. A `#` within one of several values is escaped. */
export const partitionKey = (values: readonly FieldValue[]): string =>
  values.length === 1
    ? String(values[0])
    : values.map((value) => String(value).replace(/[#%]/g, encodeURIComponent)).join('#');

/** The partition key of a product in an index; undefined where it lacks one of the fields: it is not in the index. */
export function productPartition({ hash }: Index, product: Entry, { fields }: Schema): string | undefined {
  const values = hash.map((field) => kindOf(fields[field] ?? 'string').valueOf(fieldValue(product, field)));
  return values.includes(undefined) ? undefined : partitionKey(values.filter((value) => value !== undefined));
}

/** The first part of a product's sort key, before its id: the value of the schema's `sort` as text, `-` for none. */
export function sortKeyPrefix(product: Entry, { sort, fields }: Schema): string {
  const kind = kindOf(fields[sort ?? ''] ?? 'string');
  const value = sort === undefined ? undefined : kind.valueOf(fieldValue(product, sort));
  return value === undefined ? '-' : (kind.sortText?.(value) ?? '-');
}

/**
 * A product as an item of the table: its fields, and the keys of the indexes.
 *
 * @throws PipelineError `source.badNumber`, `source.badValue` where a value cannot be kept.
 */
export function toItem(product: Entry, schema: Schema = fashion): Item {
  const item: Item = {};
  for (const [field, type] of Object.entries(columnTypes(schema))) {
    const given = Reflect.get(product, field);
    if (isBlank(given)) continue;
    const kind = kindOf(type);
    const value = kind.valueOf(given);
    const number = typeof given === 'number' ? numberFault(given) : undefined;
    if (number || value === undefined)
      throw new PipelineError(
        number?.code ?? 'source.badValue',
        `The product ${product.id} has ${JSON.stringify(given)} as ${field}, which ` +
          (number?.reason ?? `must be ${kind.wanted}.`),
        { value: given },
      );
    item[field] = kind.attribute(value);
  }
  return Object.assign(item, keyAttributes(product, schema));
}

/**
 * The attributes that a product has beside its fields, for the indexes: by what they sort, and the partition keys of
 * several fields. One that a product has not, since it lacks a field, is missing.
 */
export function keyAttributes(product: Entry, schema: Schema): Item {
  const keys: Item = {
    [sortAttribute(schema)]: { S: `${sortKeyPrefix(product, schema)}#${idSortText(product.id)}` },
  };
  for (const index of schemaIndexes(schema)) {
    const partition = productPartition(index, product, schema);
    if (index.hash.length > 1 && partition !== undefined) keys[index.hashAttribute] = { S: partition };
  }
  return keys;
}

/** The names of all attributes that `keyAttributes` can make. */
export const keyAttributeNames = cachedBySchema((schema): readonly string[] => [
  sortAttribute(schema),
  ...schemaIndexes(schema).flatMap(({ hash, hashAttribute }) => (hash.length > 1 ? hashAttribute : [])),
]);

/** Whether a value stands for none. */
const isBlank = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** An item of the table as a product, without attributes that are no fields of the schema, or not of their type. */
export function toProduct<P extends Entry = Product>(
  item: Readonly<Record<string, AnyAttribute>>,
  schema: Schema = fashion,
): P {
  const values: Record<string, FieldValue> = {};
  for (const [field, type] of Object.entries(columnTypes(schema))) {
    const attribute = item[field];
    const value = attribute && kindOf(type).ofAttribute(attribute);
    if (value !== undefined) values[field] = value;
  }
  return { id: idOfItem(item), ...values } as P;
}

/**
 * The size of an item in bytes, as DynamoDB charges it: names and texts in UTF-8, numbers at about a byte for two
 * digits.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemBytes(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) bytes += Buffer.byteLength(name) + attributeBytes(value);
  return bytes;
}

function attributeBytes(value: Attribute): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return Math.ceil(value.N.length / 2) + 1;
  return 'L' in value ? value.L.reduce((sum, item) => sum + 1 + attributeBytes(item), 3) : 1;
}
