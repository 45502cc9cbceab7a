import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { type Aws, sdkClient } from '../aws.js';
import { PipelineError } from '../errors.js';
import { type Field, type Product, fieldNames, fields } from './product.js';

/** An item as DynamoDB's wire has it: texts and numbers. */
export type Item = Record<string, { S: string; N?: undefined } | { N: string; S?: undefined }>;

/**
 * A global secondary index: products with the same values of `hash`, ordered by year and id. Its sort key is unique, so
 * the order is the same at each read.
 */
export interface Index {
  name: string;
  /** The fields whose values, joined by `#`, make the partition key. */
  hash: readonly Field[];
  /** The attribute that holds it: the field itself, or one made for it. */
  hashAttribute: string;
}

/**
 * The indexes, the most selective first. None has a lone gender, season or master category as its key: at scale such a
 * partition is hot, and throttles the table with it.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 */
export const indexes: readonly Index[] = [
  { name: 'byArticleType', hash: ['articleType'], hashAttribute: 'articleType' },
  { name: 'bySubCategory', hash: ['subCategory'], hashAttribute: 'subCategory' },
  { name: 'byGenderMasterCategory', hash: ['gender', 'masterCategory'], hashAttribute: 'genderMasterCategory' },
];

/** The attribute that every index sorts by: `<year>#<id>`, the year `-` where there is none. */
export const sortAttribute = 'yearId';

/** The partition of an index that a product is in; undefined where it lacks one of the fields, and so is not in the index. */
export function partitionOf(index: Index, product: Product): string | undefined {
  const values = index.hash.map((field) => product[field]);
  return values.includes(undefined) ? undefined : values.join('#');
}

/** A product as an item: its fields, and the keys of the indexes. */
export function toItem(product: Product): Item {
  const item: Item = {};
  for (const field of fieldNames) {
    const value = product[field];
    if (value !== undefined) item[field] = typeof value === 'number' ? { N: String(value) } : { S: value };
  }
  item[sortAttribute] = { S: `${product.year ?? '-'}#${String(product.id).padStart(10, '0')}` };
  for (const index of indexes) {
    const partition = partitionOf(index, product);
    if (index.hash.length > 1 && partition !== undefined) item[index.hashAttribute] = { S: partition };
  }
  return item;
}

/** An item as a product; attributes that are no fields are left out. */
export function toProduct(item: Readonly<Record<string, { S?: string; N?: string }>>): Product {
  const values = fieldNames.flatMap((field): [Field, string | number][] => {
    const value = item[field];
    if (value?.S !== undefined && fields[field] === 'string') return [[field, value.S]];
    if (value?.N !== undefined && fields[field] === 'number') return [[field, Number(value.N)]];
    return [];
  });
  return { id: Number(item['id']?.N), ...Object.fromEntries(values) };
}

/**
 * The bytes that an item is charged for: names and text in UTF-8, numbers at about a byte for two digits.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemBytes(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) {
    bytes += Buffer.byteLength(name) + (value.S === undefined ? Math.ceil((value.N?.length ?? 0) / 2) + 1 : Buffer.byteLength(value.S));
  }
  return bytes;
}

/**
 * Makes sure of the table and its indexes, and says whether it had to be created.
 *
 * @throws PipelineError `table.otherKeys` where a table of that name has other keys or lacks an index.
 */
export async function ensureTable({ dynamodb, table }: Aws, { recreate = false, signal }: { recreate?: boolean; signal?: AbortSignal | undefined } = {}): Promise<'created' | 'found'> {
  const wait = { client: sdkClient(dynamodb, DynamoDBClient), maxWaitTime: 600, minDelay: 0.2, maxDelay: 5, ...(signal && { abortSignal: signal }) };
  let found = await describeTable({ dynamodb, table });
  if (found && recreate) {
    await dynamodb.send(new DeleteTableCommand({ TableName: table }), { abortSignal: signal });
    await waitUntilTableNotExists(wait, { TableName: table });
    found = undefined;
  }
  if (found) {
    checkKeys(table, found);
    if (found.TableStatus !== 'ACTIVE') await waitUntilTableExists(wait, { TableName: table });
    return 'found';
  }
  const keys = (hash: string, sort?: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    ...(sort ? [{ AttributeName: sort, KeyType: 'RANGE' as const }] : []),
  ];
  await dynamodb.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys('id'),
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'N' },
        { AttributeName: sortAttribute, AttributeType: 'S' },
        ...indexes.map((index) => ({ AttributeName: index.hashAttribute, AttributeType: 'S' as const })),
      ],
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keys(index.hashAttribute, sortAttribute),
        Projection: { ProjectionType: 'ALL' as const },
      })),
    }),
    { abortSignal: signal },
  );
  await waitUntilTableExists(wait, { TableName: table });
  return 'created';
}

/** What DynamoDB knows of the table; undefined where there is none. */
async function describeTable({ dynamodb, table }: Pick<Aws, 'dynamodb' | 'table'>): Promise<TableDescription | undefined> {
  try {
    return (await dynamodb.send(new DescribeTableCommand({ TableName: table }))).Table;
  } catch (error) {
    if (error instanceof PipelineError && error.cause instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function checkKeys(table: string, found: TableDescription): void {
  const schema = (keys: TableDescription['KeySchema']) => (keys ?? []).map((key) => key.AttributeName).join(', ');
  const wrong = indexes
    .filter((index) => schema(found.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index.name)?.KeySchema) !== `${index.hashAttribute}, ${sortAttribute}`)
    .map((index) => `index ${index.name}`);
  if (schema(found.KeySchema) !== 'id') wrong.unshift('key id');
  if (wrong.length === 0) return;
  throw new PipelineError(
    'table.otherKeys',
    `The table ${table} exists and lacks: ${wrong.join(', ')}. Use another table (ML_PIPELINE_TABLE), or delete and refill this one: npx zx scripts/seed.mjs --recreate`,
    { value: table },
  );
}
