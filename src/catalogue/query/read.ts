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
import { byId, idAttribute, type ProductId } from '../id.js';
import { fashion, type Product } from '../product.js';
import { type Schema, sortAttribute } from '../schema.js';
import { type Index, toProduct } from '../store/items.js';
import { matches } from './condition.js';
import { Expressions } from './expression.js';
import { type KeyRange, type Plan, plan } from './plan.js';

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
      const segments = options.ordered ? 1 : scanSegments;
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
  return toPages(plan.schema, paginateQuery({ client }, request, { abortSignal: options.signal }));
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
  return toPages(plan.schema, paginateScan({ client }, request, { abortSignal: options.signal }));
}

async function* toPages<P extends Entry>(
  schema: Schema,
  answers: AsyncIterable<QueryCommandOutput | ScanCommandOutput>,
): AsyncGenerator<Page<P>> {
  for await (const { Items = [], ScannedCount = 0, ConsumedCapacity } of answers) {
    yield {
      products: Items.map((item) => toProduct<P>(item, schema)),
      read: ScannedCount,
      readUnits: ConsumedCapacity?.CapacityUnits ?? 0,
    };
  }
}

async function* byKey<P extends Entry>(
  { dynamodb, table }: Reader,
  plan: Plan,
  ids: readonly ProductId[],
  { fields, signal }: ReadOptions,
): AsyncGenerator<Page<P>> {
  const items: Item[] = [];
  let readUnits = 0;
  await retryUnprocessed(
    ids.map((id): Item => ({ id: idAttribute(id) })),
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
  const products = items
    .filter((item) => matches(plan.filter, toProduct<P>(item, plan.schema)))
    .map((item) => toProduct<P>(fields ? pick(item, fields) : item, plan.schema))
    .sort(byId);
  yield { products, read: items.length, readUnits };
}

function common(expressions: Expressions, plan: Plan, { fields, pageSize }: ReadOptions) {
  const FilterExpression = expressions.filter(plan.filter);
  const ProjectionExpression =
    fields && [...new Set(['id', ...fields])].map((field) => expressions.name(field)).join(', ');
  return {
    ...(FilterExpression && { FilterExpression }),
    ...(ProjectionExpression && { ProjectionExpression }),
    ...(pageSize && { Limit: pageSize }),
    ...expressions.parameters,
    ReturnConsumedCapacity: 'TOTAL' as const,
  };
}

const pick = (item: Item, fields: readonly string[]): Item =>
  Object.fromEntries(Object.entries(item).filter(([name]) => name === 'id' || fields.includes(name)));
