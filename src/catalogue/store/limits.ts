import { count } from '../../work/index.js';
import { type Entry, fieldValue } from '../entry.js';
import { columnNames, type Schema, sortAttribute } from '../schema.js';
import { itemBytes, productPartition, schemaIndexes, toItem } from './items.js';

/**
 * The bytes that DynamoDB takes at most: for the partition key of an index, for its sort key, and for an item with all
 * its attributes.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const most = { partitionKey: 2048, sortKey: 1024, item: 400 * 1024 };

/** What `imagePath` adds to an item, at most. */
const imagePathBytes = 128;

/** Whether an index can have this partition key. */
export const isPartitionKey = (key: string): boolean => Buffer.byteLength(key) <= most.partitionKey;
/** Whether an index, or a table, can have this sort key. */
export const isSortKey = (key: string): boolean => Buffer.byteLength(key) <= most.sortKey;

/** Why a product cannot be an item of the table, for a person and for programs. */
export interface ItemFault {
  code: 'source.longKey' | 'source.longRow';
  reason: string;
}

/** What of a product DynamoDB would refuse for its size; undefined where it takes it. Numbers: see `numberFault`. */
export function itemFault(product: Entry, schema: Schema): ItemFault | undefined {
  for (const index of schemaIndexes(schema)) {
    const key = productPartition(index, product, schema);
    if (key === undefined || isPartitionKey(key)) continue;
    const fields = index.hash.join(' and ');
    return {
      code: 'source.longKey',
      reason:
        `${fields} ${index.hash.length > 1 ? 'have' : 'has'} ${count(Buffer.byteLength(key))} bytes, of which an ` +
        `index of DynamoDB takes ${count(most.partitionKey)}. Shorten the text, or leave the index of ${fields} ` +
        'out of the schema.',
    };
  }
  const item = toItem(product, schema);
  const sortKey = item[sortAttribute(schema)];
  const sortBytes = sortKey && 'S' in sortKey ? Buffer.byteLength(sortKey.S) : 0;
  if (sortBytes > most.sortKey)
    return {
      code: 'source.longKey',
      reason:
        `${schema.sort} and the id have ${count(sortBytes)} bytes, of which the indexes of DynamoDB sort by ` +
        `${count(most.sortKey)}. Shorten the text, or leave 'sort' out of the schema.`,
    };
  const bytes = itemBytes(item) + imagePathBytes;
  if (bytes <= most.item) return;
  const size = (field: string) => Buffer.byteLength(String(fieldValue(product, field) ?? ''));
  const longest = columnNames(schema).reduce((a, b) => (size(b) > size(a) ? b : a));
  return {
    code: 'source.longRow',
    reason:
      `its values and keys have ${count(bytes)} bytes, of which an item of DynamoDB takes ${count(most.item)}; ` +
      `${longest} alone has ${count(size(longest))}. Shorten it, or leave the field out of the schema.`,
  };
}
