import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  type TableDescription,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { type Aws, sdkClient } from '../../aws/index.js';
import type { StepOptions } from '../../work/index.js';
import { idAttributeTypes } from '../id.js';
import { type Schema, sortAttribute } from '../schema.js';
import { foundTable, indexDefinition, isBecause } from './describe.js';
import { growTable } from './grow.js';
import { schemaIndexes } from './items.js';
import { grownSchema, readSchema, storedSchema, writeSchema } from './stored-schema.js';

interface TableOptions extends StepOptions {
  recreate?: boolean | undefined;
}

/**
 * The schema that the table will have once products of `wanted` are in it: with what it has more already.
 *
 * @throws PipelineError `table.otherFields` where a table of that name has another schema.
 */
export async function schemaFor(aws: Aws, wanted: Schema, recreate = false): Promise<Schema> {
  const found = recreate ? undefined : await foundTable(aws);
  return found && found.TableStatus !== 'DELETING' ? grownSchema(aws.table, await readSchema(aws), wanted) : wanted;
}

/**
 * Creates the table with its indexes unless it exists; returns whether it was created. A table that somebody else
 * creates meanwhile (or this one did, where an answer of AWS was lost) is the table. One that is there gets the fields
 * and indexes that it lacks.
 *
 * @throws PipelineError `table.otherFields` where a table of that name has another schema, `table.otherKeys` where it
 * has other keys.
 */
export async function ensureTable(
  aws: Aws,
  schema: Schema,
  { recreate = false, signal, onProgress }: TableOptions = {},
): Promise<'created' | 'found'> {
  let found = await foundTable(aws);
  if (found && (recreate || found.TableStatus === 'DELETING')) found = await deleteTable(aws, found, signal);
  if (!found) {
    // Stored first, so that the table has it whenever this is stopped; but never in place of another table's schema.
    const stored = await storedSchema(aws);
    if (!stored) await writeSchema(aws, schema);
    const created = await createTable(aws, schema, signal);
    if (created && stored) await writeSchema(aws, schema);
    await untilActive(aws, signal);
    if (created) return 'created';
  }
  if (found?.TableStatus !== 'ACTIVE') {
    await untilActive(aws, signal);
    found = await foundTable(aws);
  }
  if (found) await growTable(aws, found, schema, { signal, onProgress });
  return 'found';
}

/** Creates the table; returns false where one of that name is there, or on its way, already. */
async function createTable({ dynamodb, table }: Aws, schema: Schema, signal?: AbortSignal): Promise<boolean> {
  const sort = sortAttribute(schema);
  const indexes = schemaIndexes(schema);
  // DynamoDB accepts attribute definitions for key attributes only.
  const texts = indexes.length > 0 ? [sort, ...indexes.map(({ hashAttribute }) => hashAttribute)] : [];
  const command = new CreateTableCommand({
    TableName: table,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: idAttributeTypes[schema.id ?? 'number'] },
      ...texts.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
    ],
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map((index) => indexDefinition(index, schema)),
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
    found = await foundTable(aws);
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
