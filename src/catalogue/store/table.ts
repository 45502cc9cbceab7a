import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  type TableDescription,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { type Aws, sdkClient } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import { idAttributeTypes } from '../id.js';
import { type Schema, sortAttribute } from '../schema.js';
import { schemaIndexes } from './items.js';
import { growSchema, storedSchema, writeSchema } from './stored-schema.js';

interface TableOptions {
  recreate?: boolean;
  signal?: AbortSignal | undefined;
}

/**
 * Creates the table with its indexes unless it exists; returns whether it was created. A table that somebody else
 * creates meanwhile (or this one did, where an answer of AWS was lost) is the table.
 *
 * @throws PipelineError `table.otherFields` where a table of that name has another schema, `table.otherKeys` where it
 * has other keys or lacks an index.
 */
export async function ensureTable(
  aws: Aws,
  schema: Schema,
  { recreate = false, signal }: TableOptions = {},
): Promise<'created' | 'found'> {
  const { table } = aws;
  let found = await describeTable(aws);
  if (found && (recreate || found.TableStatus === 'DELETING')) found = await deleteTable(aws, found, signal);
  if (!found) {
    // Stored first, so that the table has it whenever this is stopped; but never in place of another table's schema.
    const stored = await storedSchema(aws);
    if (!stored) await writeSchema(aws, schema);
    const created = await createTable(aws, schema, signal);
    if (created && stored) await writeSchema(aws, schema);
    await untilActive(aws, signal);
    if (created) return 'created';
    found = await describeTable(aws);
  }
  await growSchema(aws, schema);
  if (found) checkKeys(table, found, schema);
  if (found?.TableStatus !== 'ACTIVE') await untilActive(aws, signal);
  return 'found';
}

/** Creates the table; returns false where one of that name is there, or on its way, already. */
async function createTable({ dynamodb, table }: Aws, schema: Schema, signal?: AbortSignal): Promise<boolean> {
  const sort = sortAttribute(schema);
  const indexes = schemaIndexes(schema);
  // DynamoDB accepts attribute definitions for key attributes only.
  const texts = indexes.length > 0 ? [sort, ...indexes.map(({ hashAttribute }) => hashAttribute)] : [];
  const keys = (hash: string, range?: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    ...(range ? [{ AttributeName: range, KeyType: 'RANGE' as const }] : []),
  ];
  const command = new CreateTableCommand({
    TableName: table,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keys('id'),
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: idAttributeTypes[schema.id ?? 'number'] },
      ...texts.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
    ],
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keys(index.hashAttribute, sort),
        Projection: { ProjectionType: 'ALL' as const },
      })),
    }),
  });
  try {
    await dynamodb.send(command, { abortSignal: signal });
    return true;
  } catch (error) {
    if (isBecause(error, ResourceInUseException)) return false;
    throw error;
  }
}

/**
 * Deletes the table, unless somebody else does already, and waits for its end. Returns the table that somebody else
 * has created in its place, if any.
 */
async function deleteTable(
  aws: Aws,
  table: TableDescription,
  signal?: AbortSignal,
): Promise<TableDescription | undefined> {
  const created = (description: TableDescription) => description.CreationDateTime?.getTime();
  let found: TableDescription | undefined = table;
  let deleting = false;
  // The SDK's waiter recognises the end by the name of an error, which here is the cause of a PipelineError.
  while (found && created(found) === created(table)) {
    if (!deleting) deleting = found.TableStatus === 'DELETING' || (await startDeletion(aws, signal));
    await sleep(200, undefined, { signal });
    found = await describeTable(aws);
  }
  return found;
}

/** Has the table deleted; returns false where it is just being created or changed, so that it has to be tried again. */
async function startDeletion({ dynamodb, table }: Aws, signal?: AbortSignal): Promise<boolean> {
  try {
    await dynamodb.send(new DeleteTableCommand({ TableName: table }), { abortSignal: signal });
  } catch (error) {
    if (isBecause(error, ResourceInUseException)) return false;
    if (!isBecause(error, ResourceNotFoundException)) throw error;
  }
  return true;
}

async function untilActive({ dynamodb, table }: Aws, signal?: AbortSignal): Promise<void> {
  const client = sdkClient(dynamodb, DynamoDBClient);
  const wait = { client, maxWaitTime: 600, minDelay: 0.2, maxDelay: 5, ...(signal && { abortSignal: signal }) };
  await waitUntilTableExists(wait, { TableName: table });
}

const isBecause = (error: unknown, reason: typeof ResourceInUseException | typeof ResourceNotFoundException): boolean =>
  error instanceof reason || (error instanceof PipelineError && error.cause instanceof reason);

/** DynamoDB's description of the table; undefined where it does not exist. */
async function describeTable({
  dynamodb,
  table,
}: Pick<Aws, 'dynamodb' | 'table'>): Promise<TableDescription | undefined> {
  try {
    return (await dynamodb.send(new DescribeTableCommand({ TableName: table }))).Table;
  } catch (error) {
    if (isBecause(error, ResourceNotFoundException)) return undefined;
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
