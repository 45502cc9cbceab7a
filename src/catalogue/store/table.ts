import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { type Aws, sdkClient } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import { idAttributeType } from '../id.js';
import { type Schema, sortAttribute } from '../schema.js';
import { schemaIndexes } from './items.js';
import { checkSchema, writeSchema } from './stored-schema.js';

/**
 * Creates the table with its indexes unless it exists; returns whether it was created.
 *
 * @throws PipelineError `table.otherFields` where a table of that name has another schema, `table.otherKeys` where it
 * has other keys or lacks an index.
 */
export async function ensureTable(
  aws: Aws,
  schema: Schema,
  { recreate = false, signal }: { recreate?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<'created' | 'found'> {
  const { dynamodb, table } = aws;
  const wait = {
    client: sdkClient(dynamodb, DynamoDBClient),
    maxWaitTime: 600,
    minDelay: 0.2,
    maxDelay: 5,
    ...(signal && { abortSignal: signal }),
  };
  let found = await describeTable({ dynamodb, table });
  if (found && recreate) {
    await dynamodb.send(new DeleteTableCommand({ TableName: table }), { abortSignal: signal });
    // The SDK's waiter recognises the end by the name of an error, which here is the cause of a PipelineError.
    while ((found = await describeTable(aws))) await sleep(200, undefined, { signal });
  }
  if (found) {
    await checkSchema(aws, schema);
    checkKeys(table, found, schema);
    if (found.TableStatus !== 'ACTIVE') await waitUntilTableExists(wait, { TableName: table });
    return 'found';
  }
  await writeSchema(aws, schema);
  const sort = sortAttribute(schema);
  const indexes = schemaIndexes(schema);
  // DynamoDB accepts attribute definitions for key attributes only.
  const texts = indexes.length > 0 ? [sort, ...indexes.map(({ hashAttribute }) => hashAttribute)] : [];
  const keys = (hash: string, range?: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    ...(range ? [{ AttributeName: range, KeyType: 'RANGE' as const }] : []),
  ];
  await dynamodb.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys('id'),
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: idAttributeType },
        ...texts.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      ],
      ...(indexes.length > 0 && {
        GlobalSecondaryIndexes: indexes.map((index) => ({
          IndexName: index.name,
          KeySchema: keys(index.hashAttribute, sort),
          Projection: { ProjectionType: 'ALL' as const },
        })),
      }),
    }),
    { abortSignal: signal },
  );
  await waitUntilTableExists(wait, { TableName: table });
  return 'created';
}

/** DynamoDB's description of the table; undefined where it does not exist. */
async function describeTable({
  dynamodb,
  table,
}: Pick<Aws, 'dynamodb' | 'table'>): Promise<TableDescription | undefined> {
  try {
    return (await dynamodb.send(new DescribeTableCommand({ TableName: table }))).Table;
  } catch (error) {
    if (error instanceof PipelineError && error.cause instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function checkKeys(table: string, found: TableDescription, schema: Schema): void {
  const named = (keys: TableDescription['KeySchema']) => (keys ?? []).map((key) => key.AttributeName).join(', ');
  const wrong = schemaIndexes(schema)
    .filter(
      (index) =>
        named(found.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index.name)?.KeySchema) !==
        `${index.hashAttribute}, ${sortAttribute(schema)}`,
    )
    .map((index) => `index ${index.name}`);
  if (named(found.KeySchema) !== 'id') wrong.unshift('key id');
  if (wrong.length === 0) return;
  throw new PipelineError(
    'table.otherKeys',
    `The table ${table} exists and lacks: ${wrong.join(', ')}. Use another table (ML_PIPELINE_TABLE), or ` +
      'delete and refill this one: npx zx scripts/seed.mjs --recreate',
    { value: table },
  );
}
