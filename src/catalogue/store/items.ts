import { PipelineError } from '../../work/index.js';
import { type Entry, fieldValue } from '../entry.js';
import { idOfItem, idSortText } from '../id.js';
import { numberFault } from '../number.js';
import { fashion, type Product } from '../product.js';
import { cachedBySchema, columnTypes, indexName, joinNames, type Schema, sortAttribute } from '../schema.js';

/** An item in DynamoDB's wire format; the kit stores texts and numbers only. */
export type Item = Record<string, { S: string; N?: undefined } | { N: string; S?: undefined }>;

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
export const partitionKey = (values: readonly (string | number)[]): string =>
  values.length === 1
    ? String(values[0])
    : values.map((value) => String(value).replace(/[#%]/g, encodeURIComponent)).join('#');

/** The partition key of a product in an index; undefined where it lacks one of the fields: it is not in the index. */
export function productPartition(index: Index, product: Entry): string | undefined {
  const values = index.hash.flatMap((field) => fieldValue(product, field) ?? []);
  return values.length < index.hash.length ? undefined : partitionKey(values);
}

/** The first part of a product's sort key, before its id: the value of the schema's `sort` as text, `-` for none. */
export function sortKeyPrefix(product: Entry, { sort }: Schema): string {
  const value = sort === undefined ? undefined : fieldValue(product, sort);
  return value === undefined ? '-' : sortText(Number(value));
}

/** A number of up to four digits as a text that sorts as the number does. */
export const sortText = (value: number): string => String(value).padStart(4, '0');

/**
 * A product as an item of the table: its fields, and the keys of the indexes.
 *
 * @throws PipelineError `source.badNumber`, `source.badYear` where a number cannot be held, or not be sorted by.
 */
export function toItem(product: Entry, schema: Schema = fashion): Item {
  const item: Item = {};
  for (const field of Object.keys(columnTypes(schema))) {
    const value = fieldValue(product, field);
    if (typeof value === 'string') item[field] = { S: value };
    else if (value !== undefined) item[field] = { N: numberText(value, field, product, schema) };
  }
  item[sortAttribute(schema)] = { S: `${sortKeyPrefix(product, schema)}#${idSortText(product.id)}` };
  for (const index of schemaIndexes(schema)) {
    const partition = productPartition(index, product);
    if (index.hash.length > 1 && partition !== undefined) item[index.hashAttribute] = { S: partition };
  }
  return item;
}

function numberText(value: number, field: string, { id }: Entry, schema: Schema): string {
  const fault = numberFault(value, field, schema);
  if (!fault) return String(value);
  throw new PipelineError(fault.code, `The product ${id} has ${value} as ${field}, which ${fault.reason}`, { value });
}

/** An item of the table as a product. Attributes that are not fields of the schema are left out. */
export function toProduct<P extends Entry = Product>(
  item: Readonly<Record<string, { S?: string; N?: string }>>,
  schema: Schema = fashion,
): P {
  const values: Record<string, string | number> = {};
  for (const [field, type] of Object.entries(columnTypes(schema))) {
    const value = item[field];
    if (value?.S !== undefined && type === 'string') values[field] = value.S;
    if (value?.N !== undefined && type === 'number') values[field] = Number(value.N);
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
  for (const [name, value] of Object.entries(item)) {
    bytes +=
      Buffer.byteLength(name) +
      (value.S === undefined ? Math.ceil((value.N?.length ?? 0) / 2) + 1 : Buffer.byteLength(value.S));
  }
  return bytes;
}
