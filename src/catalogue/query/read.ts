import {
  type AttributeValue,
  BatchGetItemCommand,
  DynamoDBClient,
  paginateQuery,
  paginateScan,
  type QueryCommandOutput,
  type ScanCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { type Aws, retryUnprocessed, sdkClient } from '../../aws/index.js';
import { chunks, merged } from '../../work/index.js';
import type { Entry } from '../entry.js';
import { byId, type ProductId } from '../id.js';
import { fashion, type Product } from '../product.js';
import { type Schema, sortAttribute } from '../schema.js';
import { toProduct } from '../store/items.js';
import { keyOf, keyOfId } from '../store/key.js';
import { Expressions } from './expression.js';
import type { KeyRange } from './layout-paths.js';
import { type Access, type Plan, plan } from './plan.js';
import { matcher, type Predicate, testedFields } from './predicate.js';

type Reader = Pick<Aws, 'dynamodb' | 'table'>;
type Item = Record<string, AttributeValue>;

/** One answer of DynamoDB: up to 1 MB of items. */
export interface Page<P extends Entry = Product> {
  products: P[];
  /** Products that DynamoDB read before it filtered. */
  read: number;
  readUnits: number;
  /** How many items have another kind of value than a field's type, by field; those whose key is no id, by `id`. */
  otherKinds: ReadonlyMap<string, number>;
}

export interface ReadOptions {
  /** Only these fields of each product, and its id; default all. */
  fields?: readonly string[] | undefined;
  signal?: AbortSignal | undefined;
  /** Read one page after the other, in the same order each time, rather than as fast as possible. */
  ordered?: boolean | undefined;
  /** How many items DynamoDB reads for a page; default: 1 MB. */
  pageSize?: number | undefined;
}

/** Fewer segments leave the network idle, and each one costs at least a request. */
const scanSegments = 8;
/** The read units of a page: 1 MB. A table of a page or two has no use for more segments. */
const pageUnits = 128;

/** Of a plan's partitions or batches of keys, so many are read at a time: each holds a page or two of up to 1 MB. */
const readsAtOnce = 16;

/**
 * Reads the products of a plan, page by page. Some partitions, segments or batches of keys are read at the same time,
 * each one page ahead, unless the options ask for one order. So memory stays flat however many products there are.
 */
export async function* read<P extends Entry = Product>(
  aws: Reader,
  plan: Plan,
  options: ReadOptions = {},
): AsyncGenerator<Page<P>> {
  const sources = pageSources<P>(aws, plan, options);
  if (options.ordered) for (const source of sources) yield* source;
  else yield* merged(sources, readsAtOnce);
}

/** The products with these ids, in ascending order of id. Ids that the catalogue does not have are left out. */
export async function productsById(
  aws: Reader,
  ids: readonly ProductId[],
  schema: Schema = fashion,
  signal?: AbortSignal,
): Promise<Entry[]> {
  const products: Entry[] = [];
  for await (const page of read<Entry>(aws, plan({ id: { in: ids } }, undefined, schema), { ordered: true, signal }))
    products.push(...page.products);
  return products;
}

function pageSources<P extends Entry>(aws: Reader, plan: Plan, options: ReadOptions): AsyncGenerator<Page<P>>[] {
  const { path } = plan;
  switch (path.access) {
    case 'key':
      return chunks(path.ids, 100).map((ids) => byKey(aws, plan, ids, options));
    case 'index':
      return path.ranges.map((range) => byIndex(aws, plan, path, range, options));
    case 'scan': {
      const pages = Math.ceil((plan.estimate?.scanReadUnits ?? Infinity) / pageUnits);
      const segments = options.ordered ? 1 : Math.max(1, Math.min(scanSegments, pages));
      return Array.from({ length: segments }, (_, segment) => scan(aws, plan, segment, segments, options));
    }
  }
}

function byIndex<P extends Entry>(
  { dynamodb, table }: Reader,
  plan: Plan,
  { index, thenByKey = false }: Extract<Access, { access: 'index' }>,
  range: KeyRange,
  options: ReadOptions,
): AsyncGenerator<Page<P>> {
  const expressions = new Expressions(plan.schema);
  const theirs = 'projected' in index;
  const partition = theirs ? expressions.column(index.partition) : expressions.name(index.hashAttribute);
  const conditions = [`${partition} = ${expressions.value(range.partition)}`];
  if (range.sortKeys || range.prefix !== undefined) {
    const sort = theirs ? expressions.column(index.sort ?? '') : expressions.name(sortAttribute(plan.schema));
    conditions.push(...sortCondition(expressions, sort, range));
  }
  const request = {
    TableName: table,
    ...(index.name !== undefined && { IndexName: index.name }),
    KeyConditionExpression: conditions.join(' AND '),
    ...common(expressions, plan, thenByKey ? { ...options, fields: [] } : options, thenByKey),
  };
  const client = sdkClient(dynamodb, DynamoDBClient);
  const answers = paginateQuery({ client }, request, { abortSignal: options.signal });
  return thenByKey
    ? keysThenItems({ dynamodb, table }, plan, answers, options)
    : toPages(receiver(plan, options), answers);
}

/** What a range says of the sort keys. */
function sortCondition(
  expressions: Expressions,
  sort: string,
  { sortKeys = [undefined, undefined], prefix }: KeyRange,
) {
  const [low, high] = sortKeys;
  if (prefix !== undefined) return [`begins_with(${sort}, ${expressions.value(prefix)})`];
  if (low !== undefined && high !== undefined)
    return [`${sort} BETWEEN ${expressions.value(low)} AND ${expressions.value(high)}`];
  if (low !== undefined) return [`${sort} >= ${expressions.value(low)}`];
  return high === undefined ? [] : [`${sort} <= ${expressions.value(high)}`];
}

/** The products whose keys an index answers, since it lacks some of their fields: read again, by their keys. */
async function* keysThenItems<P extends Entry>(
  aws: Reader,
  plan: Plan,
  answers: AsyncIterable<QueryCommandOutput>,
  options: ReadOptions,
): AsyncGenerator<Page<P>> {
  const receive = receiver<P>(plan, options);
  for await (const { Items = [], ScannedCount = 0, ConsumedCapacity } of answers) {
    let read = ScannedCount;
    let readUnits = ConsumedCapacity?.CapacityUnits ?? 0;
    for (const some of chunks(
      Items.map((item) => keyOf(item, plan.schema)),
      100,
    )) {
      const found = await getItems(aws, some, options.signal);
      const page = receive(found.items);
      yield { ...page, products: page.products.sort(byId), read, readUnits: readUnits + found.readUnits };
      read = 0;
      readUnits = 0;
    }
    if (read > 0 || readUnits > 0) yield { products: [], otherKinds: new Map(), read, readUnits };
  }
}

function scan<P extends Entry>(
  { dynamodb, table }: Reader,
  plan: Plan,
  segment: number,
  segments: number,
  options: ReadOptions,
): AsyncGenerator<Page<P>> {
  const request = {
    TableName: table,
    ...(segments > 1 && { Segment: segment, TotalSegments: segments }),
    ...common(new Expressions(plan.schema), plan, options),
  };
  const client = sdkClient(dynamodb, DynamoDBClient);
  return toPages(receiver(plan, options), paginateScan({ client }, request, { abortSignal: options.signal }));
}

async function* toPages<P extends Entry>(
  receive: Receiver<P>,
  answers: AsyncIterable<QueryCommandOutput | ScanCommandOutput>,
): AsyncGenerator<Page<P>> {
  for await (const { Items = [], ScannedCount = 0, ConsumedCapacity } of answers) {
    yield { ...receive(Items), read: ScannedCount, readUnits: ConsumedCapacity?.CapacityUnits ?? 0 };
  }
}

async function* byKey<P extends Entry>(
  aws: Reader,
  plan: Plan,
  ids: readonly ProductId[],
  options: ReadOptions,
): AsyncGenerator<Page<P>> {
  const keys = ids.map((id): Item | undefined => keyOfId(id, plan.schema)).filter((key) => key !== undefined);
  const { items, readUnits } = await getItems(aws, keys, options.signal);
  const page = receiver<P>(plan, options)(items);
  yield { ...page, products: page.products.sort(byId), read: items.length, readUnits };
}

/** The items with these keys, 100 at most, as far as they are there. */
async function getItems(
  { dynamodb, table }: Reader,
  keys: readonly Item[],
  signal: AbortSignal | undefined,
): Promise<{ items: Item[]; readUnits: number }> {
  const items: Item[] = [];
  let readUnits = 0;
  if (keys.length === 0) return { items, readUnits };
  await retryUnprocessed(
    keys,
    async (left) => {
      const answer = await dynamodb.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [...left] } }, ReturnConsumedCapacity: 'TOTAL' }),
        { abortSignal: signal },
      );
      items.push(...(answer.Responses?.[table] ?? []));
      readUnits += answer.ConsumedCapacity?.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0) ?? 0;
      return answer.UnprocessedKeys?.[table]?.Keys ?? [];
    },
    signal,
  );
  return { items, readUnits };
}

/** An expression of DynamoDB has at most 4 KB. */
const maxProjection = 4096;

function common(expressions: Expressions, plan: Plan, { fields, pageSize }: ReadOptions, keysAlone = false) {
  const FilterExpression = expressions.filter(plan.filteredByDynamo);
  const { key } = plan.schema.layout ?? {};
  const projected = fields
    ? [
        ...new Set([
          'id',
          ...(key?.sort === undefined ? [] : [key.sort]),
          ...fields,
          ...(keysAlone ? [] : testedFields(checkedHere(plan))),
        ]),
      ]
    : [];
  const placeholders = [...new Set(projected.map((field) => expressions.column(field)))];
  // What follows it, too.
  const short = placeholders.reduce((sum, { length }) => sum + length + 2, 0) <= maxProjection;
  const ProjectionExpression = short && placeholders.join(', ');
  return {
    ...(FilterExpression && { FilterExpression }),
    ...(ProjectionExpression && { ProjectionExpression }),
    ...(pageSize && { Limit: pageSize }),
    ...expressions.parameters,
    ReturnConsumedCapacity: 'TOTAL' as const,
  };
}

/**
 * What the products that DynamoDB answers must satisfy still. An item that is read by an index or by its key is checked
 * against the whole condition: an index may have an item that its fields no longer belong to. So is one that another
 * system wrote, in forms that DynamoDB compares otherwise.
 */
const checkedHere = (plan: Plan): Predicate =>
  plan.path.access === 'scan' && !plan.schema.layout ? plan.filteredHere : plan.condition;

/** Makes products of items. */
type Receiver<P extends Entry> = (items: readonly Item[]) => Pick<Page<P>, 'products' | 'otherKinds'>;

/** Makes products of the items that DynamoDB answers: of those that satisfy the plan, the fields that are asked for. */
function receiver<P extends Entry>(plan: Plan, { fields }: ReadOptions): Receiver<P> {
  const holds = matcher(checkedHere(plan));
  const kept = fields && new Set<string>(['id', ...fields]);
  return (items) => {
    const otherKinds = new Map<string, number>();
    const count = (field: string) => otherKinds.set(field, (otherKinds.get(field) ?? 0) + 1);
    const products: P[] = [];
    for (const item of items) {
      const product = toProduct<P>(item, plan.schema, count);
      if (!product) count('id');
      else if (holds(product)) products.push(kept ? pick(product, kept) : product);
    }
    return { products, otherKinds };
  };
}

const pick = <P extends Entry>(product: P, fields: ReadonlySet<string>): P =>
  Object.fromEntries(Object.entries(product).filter(([name]) => fields.has(name))) as P;
