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
import { type Index, toProduct } from '../store/items.js';
import { keyOfId } from '../store/key.js';
import { Expressions } from './expression.js';
import { type KeyRange, type Plan, plan } from './plan.js';
import { matcher, type Predicate, testedFields } from './predicate.js';

type Reader = Pick<Aws, 'dynamodb' | 'table'>;
type Item = Record<string, AttributeValue>;

/** One answer of DynamoDB: up to 1 MB of items. */
export interface Page<P extends Entry = Product> {
  products: P[];
  /** Products that DynamoDB read before it filtered. */
  read: number;
  readUnits: number;
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
      return path.ranges.map((range) => byIndex(aws, plan, path.index, range, options));
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
  index: Index,
  range: KeyRange,
  options: ReadOptions,
): AsyncGenerator<Page<P>> {
  const expressions = new Expressions();
  const { partition, sortKeys } = range;
  const conditions = [`${expressions.name(index.hashAttribute)} = ${expressions.value(partition)}`];
  if (sortKeys)
    conditions.push(
      `${expressions.name(sortAttribute(plan.schema))} BETWEEN ${expressions.value(sortKeys[0])} AND ` +
        `${expressions.value(sortKeys[1])}`,
    );
  const request = {
    TableName: table,
    IndexName: index.name,
    KeyConditionExpression: conditions.join(' AND '),
    ...common(expressions, plan, options),
  };
  const client = sdkClient(dynamodb, DynamoDBClient);
  return toPages(receiver(plan, options), paginateQuery({ client }, request, { abortSignal: options.signal }));
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
    ...common(new Expressions(), plan, options),
  };
  const client = sdkClient(dynamodb, DynamoDBClient);
  return toPages(receiver(plan, options), paginateScan({ client }, request, { abortSignal: options.signal }));
}

async function* toPages<P extends Entry>(
  receive: (items: readonly Item[]) => P[],
  answers: AsyncIterable<QueryCommandOutput | ScanCommandOutput>,
): AsyncGenerator<Page<P>> {
  for await (const { Items = [], ScannedCount = 0, ConsumedCapacity } of answers) {
    yield {
      products: receive(Items),
      read: ScannedCount,
      readUnits: ConsumedCapacity?.CapacityUnits ?? 0,
    };
  }
}

async function* byKey<P extends Entry>(
  { dynamodb, table }: Reader,
  plan: Plan,
  ids: readonly ProductId[],
  options: ReadOptions,
): AsyncGenerator<Page<P>> {
  const { signal } = options;
  const items: Item[] = [];
  let readUnits = 0;
  await retryUnprocessed(
    ids.map((id): Item | undefined => keyOfId(id, plan.schema)).filter((key) => key !== undefined),
    async (keys) => {
      const answer = await dynamodb.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [...keys] } }, ReturnConsumedCapacity: 'TOTAL' }),
        { abortSignal: signal },
      );
      items.push(...(answer.Responses?.[table] ?? []));
      readUnits += answer.ConsumedCapacity?.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0) ?? 0;
      return answer.UnprocessedKeys?.[table]?.Keys ?? [];
    },
    signal,
  );
  const products = receiver<P>(plan, options)(items).sort(byId);
  yield { products, read: items.length, readUnits };
}

/** An expression of DynamoDB has at most 4 KB. */
const maxProjection = 4096;

function common(expressions: Expressions, plan: Plan, { fields, pageSize }: ReadOptions) {
  const FilterExpression = expressions.filter(plan.filteredByDynamo);
  const projected = fields ? [...new Set(['id', ...fields, ...testedFields(checkedHere(plan))])] : [];
  // A field's placeholder is its name, a character longer.
  const short = projected.reduce((sum, { length }) => sum + length + 3, 0) <= maxProjection;
  const ProjectionExpression = short && projected.map((field) => expressions.name(field)).join(', ');
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
 * against the whole condition: an index may have an item that its fields no longer belong to.
 */
const checkedHere = (plan: Plan): Predicate => (plan.path.access === 'scan' ? plan.filteredHere : plan.condition);

/** Makes products of the items that DynamoDB answers: of those that satisfy the plan, the fields that are asked for. */
function receiver<P extends Entry>(plan: Plan, { fields }: ReadOptions): (items: readonly Item[]) => P[] {
  const holds = matcher(checkedHere(plan));
  const kept = fields && new Set<string>(['id', ...fields]);
  return (items) =>
    items
      .flatMap((item): P | [] => toProduct<P>(item, plan.schema) ?? [])
      .filter(holds)
      .map((product) => (kept ? pick(product, kept) : product));
}

const pick = <P extends Entry>(product: P, fields: ReadonlySet<string>): P =>
  Object.fromEntries(Object.entries(product).filter(([name]) => fields.has(name))) as P;
