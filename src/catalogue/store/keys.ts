import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  type GetItemCommandOutput,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type Aws, sdkClient } from '../../aws/index.js';
import { concurrently, merged, PipelineError } from '../../work/index.js';
import type { Entry } from '../entry.js';
import type { AnyAttribute, Attribute } from '../field-types/index.js';
import { type Schema, sortAttribute } from '../schema.js';
import { type Item, keyAttributeNames, keyAttributes, schemaIndexes, toProduct } from './items.js';
import { type AnyItem, idOfItem, keyOfId } from './key.js';

/** How many items are changed at a time. */
const itemsAtOnce = 64;
const scanSegments = 8;

/** All items of the table, as they are at last, some segments at a time, each a page ahead. */
export async function* scanItems({ dynamodb, table }: Aws, signal?: AbortSignal): AsyncGenerator<AnyItem[]> {
  const client = sdkClient(dynamodb, DynamoDBClient);
  const segments = Array.from({ length: scanSegments }, (_, Segment) =>
    paginateScan(
      { client },
      { TableName: table, Segment, TotalSegments: scanSegments, ConsistentRead: true },
      { abortSignal: signal },
    ),
  );
  for await (const { Items = [] } of merged(segments, scanSegments)) yield Items;
}

/** What of an item's key attributes is not what its fields make of them: what to set, and which to remove. */
export interface KeyFault {
  set: Item;
  remove: string[];
}

/** Compares the key attributes of an item with what its fields make of them; undefined where they are right. */
export function keyFault(item: AnyItem, schema: Schema): KeyFault | undefined {
  const product = toProduct<Entry>(item, schema);
  // What has no id is no product.
  if (!product) return undefined;
  const wanted = keyAttributes(product, schema);
  const wrong = keyAttributeNames(schema).filter((name) => textOf(item[name]) !== textOf(wanted[name]));
  if (wrong.length === 0) return undefined;
  const set: Item = {};
  for (const name of wrong) if (wanted[name]) set[name] = wanted[name];
  return { set, remove: wrong.filter((name) => !wanted[name]) };
}

/** Keys are texts; whatever else is there is none. */
const textOf = (attribute: AnyAttribute | undefined): string | undefined => attribute && (attribute.S ?? '');

/**
 * Makes the key attributes of an item what its fields make of them, if they are not. Nothing else of it is changed, and
 * nothing at all where its fields are no longer those that were read: then it is read again.
 *
 * @returns Whether anything was changed.
 */
export async function mendKeys(aws: Aws, found: AnyItem, schema: Schema, signal?: AbortSignal): Promise<boolean> {
  const { dynamodb, table } = aws;
  for (let item: AnyItem | undefined = found; item; ) {
    const fault = keyFault(item, schema);
    const Key = keyOf(item, schema);
    if (!fault || !Key) return false;
    try {
      await dynamodb.send(new UpdateItemCommand({ TableName: table, Key, ...mending(item, fault, schema) }), {
        abortSignal: signal,
      });
      return true;
    } catch (error) {
      if (!isUnmet(error)) throw error;
    }
    const command = new GetItemCommand({ TableName: table, Key, ConsistentRead: true });
    const answer: GetItemCommandOutput = await dynamodb.send(command, { abortSignal: signal });
    item = answer.Item;
  }
  return false;
}

function keyOf(item: AnyItem, schema: Schema): Item | undefined {
  const id = idOfItem(item, schema);
  return id === undefined ? undefined : keyOfId(id, schema);
}

function mending(item: AnyItem, { set, remove }: KeyFault, schema: Schema) {
  const wrong = new Set([...Object.keys(set), ...remove]);
  const fields = new Set(
    schemaIndexes(schema).flatMap(({ hash, hashAttribute }) => (wrong.has(hashAttribute) ? hash : [])),
  );
  if (schema.sort !== undefined && wrong.has(sortAttribute(schema))) fields.add(schema.sort);
  const names: Record<string, string> = { '#id': 'id' };
  const values: Item = {};
  const conditions = ['attribute_exists(#id)'];
  for (const field of fields) {
    names[`#${field}`] = field;
    const seen = item[field];
    if (seen) values[`:${field}`] = seen as Attribute;
    conditions.push(seen ? `#${field} = :${field}` : `attribute_not_exists(#${field})`);
  }
  for (const [name, value] of Object.entries(set)) {
    names[`#${name}`] = name;
    values[`:${name}`] = value;
  }
  for (const name of remove) names[`#${name}`] = name;
  const sets = Object.keys(set).map((name) => `#${name} = :${name}`);
  return {
    UpdateExpression: [
      ...(sets.length > 0 ? [`SET ${sets.join(', ')}`] : []),
      ...(remove.length > 0 ? [`REMOVE ${remove.map((name) => `#${name}`).join(', ')}`] : []),
    ].join(' '),
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

const isUnmet = (error: unknown): boolean =>
  error instanceof ConditionalCheckFailedException ||
  (error instanceof PipelineError && error.cause instanceof ConditionalCheckFailedException);

/**
 * Makes the key attributes of all items what their fields make of them; what is right is not written, so that a second
 * time does what the first has left.
 *
 * @param onItem Called with each item before; it stops the work by throwing.
 */
export async function mendAllKeys(
  aws: Aws,
  schema: Schema,
  onItem: (item: AnyItem) => void,
  signal?: AbortSignal,
): Promise<void> {
  for await (const items of scanItems(aws, signal))
    await concurrently(
      items,
      (item) => {
        onItem(item);
        return mendKeys(aws, item, schema, signal);
      },
      { concurrency: itemsAtOnce, signal },
    );
}
