import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Aws, retryUnprocessed } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import type { Entry } from '../entry.js';
import { type AnyAttribute, kindOf } from '../field-types/index.js';
import type { ProductId } from '../id.js';
import { type Schema, sortAttribute } from '../schema.js';
import { type Item, keyAttributes, schemaIndexes, toProduct } from '../store/items.js';
import { type AnyItem, attributeOf, keyOfId } from '../store/key.js';
import { itemFault } from '../store/limits.js';
import { type Correction, changedFields, sameValue, type Values } from './change.js';

/** What became of the change of a product. */
export type Outcome =
  | { kind: 'changed'; before: Entry; after: Entry }
  /** It has the new values already; `ours` where an earlier attempt at the same change may have made it. */
  | { kind: 'unchanged'; product: Entry; ours: boolean }
  /** It has other values than those seen. */
  | { kind: 'conflict'; now: Values }
  | { kind: 'failed'; code: string; reason: string };

/** What a product has in the fields of a correction. */
export const valuesNow = (product: Entry, { after }: Pick<Correction, 'after'>): Values =>
  Object.fromEntries(Object.keys(after).map((field) => [field, Reflect.get(product, field) ?? null]));

/** What a correction would do to an item as it is now; undefined for a change that can be made. */
export function outcomeWithout(item: AnyItem | undefined, correction: Correction, schema: Schema): Outcome | undefined {
  const { id, before, after } = correction;
  const others: string[] = [];
  const product = item && toProduct<Entry>(item, schema, (field) => others.push(field));
  if (!item || !product)
    return { kind: 'failed', code: 'change.unknownId', reason: `The catalogue has no product ${id}.` };
  const unknown = Object.keys(after).find((field) => !Object.hasOwn(schema.fields, field));
  if (unknown !== undefined)
    return { kind: 'failed', code: 'change.unknownField', reason: `The catalogue has no field ${unknown} (of ${id}).` };
  const now = valuesNow(product, correction);
  const strange = others.find((field) => Object.hasOwn(after, field));
  // A value of another kind than the schema's is not known here, so it is not replaced.
  if (strange !== undefined)
    return { kind: 'conflict', now: { ...now, [strange]: JSON.stringify(item[attributeOf(schema, strange)]) } };
  const holds = (wanted: (field: string) => boolean) => Object.keys(after).every(wanted);
  const is = (field: string, values: Correction['before']) => sameValue(now[field] ?? null, values[field] ?? null);
  if (holds((field) => is(field, after))) return { kind: 'unchanged', product, ours: false };
  if (!holds((field) => before[field] === undefined || is(field, before) || is(field, after)))
    return { kind: 'conflict', now };
  const fault = itemFault(changedProduct(product, after), schema);
  return fault && { kind: 'failed', code: fault.code, reason: `The product ${id} cannot be stored: ${fault.reason}` };
}

/** A product with other values. */
export function changedProduct(product: Entry, values: Values): Entry {
  const fields = Object.entries({ ...product, ...values }).filter(([, value]) => value !== null);
  return Object.fromEntries(fields) as unknown as Entry;
}

/** Each further attempt means that another has changed the item between reading and writing it. */
const mostAttempts = 20;

/**
 * Changes an item if it has the values that were seen, with the keys of its indexes, in one conditional write. Where
 * another field that a key is made of changes meanwhile, it is tried again with the new one.
 *
 * @param item The item as it was read last; undefined to read it.
 */
export async function updateItem(
  aws: Aws,
  schema: Schema,
  correction: Correction,
  item: AnyItem | undefined,
  signal?: AbortSignal,
): Promise<Outcome> {
  let current = item ?? (await readItem(aws, schema, correction.id, signal));
  let retried = false;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const outcome = outcomeWithout(current, correction, schema);
    if (outcome) return outcome.kind === 'unchanged' ? { ...outcome, ours: retried } : outcome;
    const before = current && toProduct<Entry>(current, schema);
    if (!current || !before) break;
    const after = changedProduct(before, correction.after);
    const request = requestFor(current, correction, after, schema);
    try {
      await retryUnprocessed(
        [request],
        async () => {
          const command = new UpdateItemCommand({
            TableName: aws.table,
            Key: keyOfId(correction.id, schema),
            ...request,
          });
          await aws.dynamodb.send(command, { abortSignal: signal });
          return [];
        },
        signal,
      );
      return { kind: 'changed', before, after };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (error.name !== 'ConditionalCheckFailedException') return failure(error);
      // The SDK may have sent the request again after it had succeeded unheard.
      retried ||= attemptsOf(error) > 1;
    }
    current = await readItem(aws, schema, correction.id, signal);
  }
  return {
    kind: 'failed',
    code: 'change.restless',
    reason: `The product ${correction.id} was changed by others again and again. Try it again.`,
  };
}

/** An error that concerns this item alone; any other one is thrown. */
function failure(error: Error): Outcome {
  if (error.name === 'AbortError' || (error instanceof PipelineError && /^(aws|run|cell)\./.test(error.code)))
    throw error;
  return { kind: 'failed', code: error instanceof PipelineError ? error.code : error.name, reason: error.message };
}

function attemptsOf(error: Error): number {
  const metadata: unknown = Reflect.get(error, '$metadata');
  return typeof metadata === 'object' && metadata !== null ? Number(Reflect.get(metadata, 'attempts') ?? 1) : 1;
}

async function readItem(aws: Aws, schema: Schema, id: ProductId, signal?: AbortSignal): Promise<AnyItem | undefined> {
  const Key = keyOfId(id, schema);
  if (!Key) return undefined;
  const command = new GetItemCommand({ TableName: aws.table, Key, ConsistentRead: true });
  return (await aws.dynamodb.send(command, { abortSignal: signal })).Item;
}

/** The expressions of the write. Names and values are placeholders, since many names are words of DynamoDB. */
function requestFor(item: AnyItem, correction: Correction, product: Entry, schema: Schema) {
  const fields = changedFields(correction);
  const keys = keysOf(fields, schema);
  const attributes: Record<string, AnyAttribute> = keyAttributes(product, schema);
  for (const field of fields) {
    const type = schema.fields[field];
    const value = correction.after[field] ?? null;
    const name = attributeOf(schema, field);
    // What another system keeps as a set stays one.
    if (Array.isArray(value) && item[name]?.SS) attributes[name] = { SS: value };
    else if (type !== undefined && value !== null) attributes[name] = kindOf(type).attribute(value);
  }
  const names = new Map<string, string>();
  const values: Record<string, AnyAttribute> = {};
  const name = (attribute: string) => {
    const placeholder = names.get(attribute) ?? `#n${names.size}`;
    names.set(attribute, placeholder);
    return placeholder;
  };
  const value = (attribute: AnyAttribute) => {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = attribute;
    return placeholder;
  };
  const written = [...fields.map((field) => attributeOf(schema, field)), ...keys.names];
  const set = written.flatMap((each) => {
    const attribute = attributes[each];
    return attribute ? [`${name(each)} = ${value(attribute)}`] : [];
  });
  const removed = written.filter((each) => attributes[each] === undefined).map(name);
  const conditions = [...new Set([...Object.keys(correction.after), ...keys.fields])].map((field) => {
    const seen = attributeOf(schema, field);
    const attribute = item[seen];
    return attribute === undefined ? `attribute_not_exists(${name(seen)})` : equals(name(seen), attribute, value);
  });
  return {
    UpdateExpression: [
      ...(set.length > 0 ? [`SET ${set.join(', ')}`] : []),
      ...(removed.length > 0 ? [`REMOVE ${removed.join(', ')}`] : []),
    ].join(' '),
    // A product that is removed meanwhile does not come back with these values alone.
    ConditionExpression: [`attribute_exists(${name(attributeOf(schema, 'id'))})`, ...conditions].join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(
      Array.from(names, ([attribute, placeholder]) => [placeholder, attribute]),
    ),
    ExpressionAttributeValues: Object.keys(values).length > 0 ? (values as Item) : undefined,
  };
}

/** The attributes of index keys that depend on some fields, and the fields that these keys are made of. */
function keysOf(fields: readonly string[], schema: Schema): { names: string[]; fields: string[] } {
  const indexes = schemaIndexes(schema).filter(
    ({ hash }) => hash.length > 1 && hash.some((field) => fields.includes(field)),
  );
  const sorts = schema.sort !== undefined && fields.includes(schema.sort);
  return {
    names: [...indexes.map(({ hashAttribute }) => hashAttribute), ...(sorts ? [sortAttribute(schema)] : [])],
    fields: indexes.flatMap(({ hash }) => hash),
  };
}

/** Lists of more items are compared as a whole. */
const mostItems = 50;

/** That an attribute is as it was read. The embedded emulator takes no two lists for the same: items are compared. */
function equals(name: string, attribute: AnyAttribute, value: (attribute: AnyAttribute) => string): string {
  const { L: list } = attribute;
  if (!list || list.length > mostItems) return `${name} = ${value(attribute)}`;
  const items = list.map((item, i) => `${name}[${i}] = ${value(item)}`);
  return [`size(${name}) = ${value({ N: String(list.length) })}`, ...items].join(' AND ');
}
