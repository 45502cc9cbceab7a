import { setTimeout as sleep } from 'node:timers/promises';
import {
  type GlobalSecondaryIndexDescription,
  LimitExceededException,
  ResourceInUseException,
  type TableDescription,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import type { Aws } from '../../aws/index.js';
import { PipelineError, type StepOptions, Tracker } from '../../work/index.js';
import type { Entry } from '../entry.js';
import { checkOwn } from '../existing/own-table.js';
import { fashion } from '../product.js';
import { parseSchema, type Schema, sameSchema, sortAttribute } from '../schema.js';
import { foundTable, indexDefinition, isBecause } from './describe.js';
import { type Index, schemaIndexes, toItem, toProduct } from './items.js';
import type { AnyItem } from './key.js';
import { mendAllKeys, scanItems } from './keys.js';
import { itemFault } from './limits.js';
import { readStatistics, StatisticsCounter, writeStatistics } from './statistics.js';
import { grownSchema, readSchema, storedSchema, writeSchema } from './stored-schema.js';

/**
 * Adds to a table what a schema has more than it: indexes in DynamoDB, then fields and indexes in the stored schema.
 * Each item first gets the keys of the new indexes, so that they are complete as soon as they are active; what is there
 * already is not written, so that a second time does what the first has left.
 *
 * @throws PipelineError `table.otherFields`, `table.otherKeys`; `source.longKey` where a product is too long for it.
 */
export async function growTable(aws: Aws, found: TableDescription, wanted: Schema, steps: StepOptions): Promise<void> {
  const stored = await storedSchema(aws);
  const kept = stored ?? fashion;
  const schema = grownSchema(aws.table, kept, wanted);
  checkKeys(aws.table, found, schema, stored !== undefined);
  const lacking = schemaIndexes(schema).filter((index) => !isReadable(foundIndex(found, index)));
  const added = schema.indexes.length > kept.indexes.length;
  if (added || lacking.length > 0) await addIndexes(aws, schema, lacking, steps);
  if (!sameSchema(kept, schema)) await writeSchema(aws, schema);
}

/**
 * Adds an index to the table of a catalogue, and counts its products, so that plans consider it.
 *
 * @returns The schema that the table then has.
 * @throws PipelineError as `growTable`; `schema.badIndex`, `aws.tableMissing`; `table.notOwn` where another system
 * made the table.
 */
export async function addIndex(aws: Aws, fields: readonly string[], steps: StepOptions): Promise<Schema> {
  const found = await foundTable(aws);
  if (!found)
    throw new PipelineError('aws.tableMissing', `The table ${aws.table} does not exist. Seed it first.`, {
      value: aws.table,
    });
  const kept = await readSchema(aws);
  await checkOwn(aws, kept);
  await growTable(aws, found, parseSchema({ ...kept, indexes: [fields] }), steps);
  const schema = await readSchema(aws);
  const statistics = await readStatistics(aws);
  const isCounted = (name: string) => Object.hasOwn(statistics?.indexes ?? {}, name);
  if (statistics && !schemaIndexes(schema).every(({ name }) => isCounted(name))) {
    const counter = new StatisticsCounter(statistics.source, schema);
    for await (const items of scanItems(aws, steps.signal))
      for (const product of items.flatMap((item) => toProduct<Entry>(item, schema) ?? []))
        counter.add(product, toItem(product, schema));
    const { products, bytes, indexes } = counter.result;
    await writeStatistics(aws, { ...statistics, products, bytes, indexes });
  }
  return schema;
}

/** Adds indexes one after the other, as DynamoDB allows it, and waits until all can be read. */
async function addIndexes(aws: Aws, schema: Schema, indexes: readonly Index[], { signal, onProgress }: StepOptions) {
  const keys = new Tracker('keys', 'products', undefined, onProgress);
  const check = (item: AnyItem) => {
    keys.tick();
    const product = toProduct<Entry>(item, schema);
    const fault = product && itemFault(product, schema);
    if (fault)
      throw new PipelineError(fault.code, `The product ${product.id} cannot be in the index: ${fault.reason}`, {
        value: product.id,
      });
  };
  await mendAllKeys(aws, schema, check, signal);
  keys.end();
  const tracker = new Tracker('index', 'indexes', indexes.length, onProgress);
  for (const index of indexes) {
    await createIndex(aws, index, schema, signal);
    tracker.tick();
  }
  tracker.end();
}

/** Creates an index unless it is there, or somebody else creates it, and waits until it can be read. */
async function createIndex(aws: Aws, index: Index, schema: Schema, signal?: AbortSignal): Promise<void> {
  for (let pause = 200; ; pause = Math.min(1.5 * pause, 5000)) {
    const found = await foundTable(aws);
    const there = found && foundIndex(found, index);
    if (isReadable(there)) return;
    const isBusy =
      found?.TableStatus !== 'ACTIVE' ||
      found.GlobalSecondaryIndexes?.some(({ IndexStatus }) => IndexStatus === 'CREATING' || IndexStatus === 'DELETING');
    if (found && !isBusy) await sendIndex(aws, index, schema, found, signal);
    await sleep(pause, undefined, { signal });
  }
}

/** Has DynamoDB create an index, unless another change of the table is under way, or has just created it. */
async function sendIndex(
  aws: Aws,
  index: Index,
  schema: Schema,
  { ProvisionedThroughput: { ReadCapacityUnits = 0, WriteCapacityUnits = 0 } = {} }: TableDescription,
  abortSignal?: AbortSignal,
): Promise<void> {
  const command = new UpdateTableCommand({
    TableName: aws.table,
    AttributeDefinitions: [index.hashAttribute, sortAttribute(schema)].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
    GlobalSecondaryIndexUpdates: [
      {
        Create: {
          ...indexDefinition(index, schema),
          // Somebody may have changed how the table is paid.
          ...(ReadCapacityUnits > 0 && { ProvisionedThroughput: { ReadCapacityUnits, WriteCapacityUnits } }),
        },
      },
    ],
  });
  try {
    await aws.dynamodb.send(command, { abortSignal });
  } catch (error) {
    if (isBecause(error, LimitExceededException) || isBecause(error, ResourceInUseException)) return;
    const found = await foundTable(aws);
    if (!found || !foundIndex(found, index)) throw error;
  }
}

const foundIndex = ({ GlobalSecondaryIndexes = [] }: TableDescription, { name }: Index) =>
  GlobalSecondaryIndexes.find(({ IndexName }) => IndexName === name);

const isReadable = (index: GlobalSecondaryIndexDescription | undefined): boolean =>
  index?.IndexStatus === 'ACTIVE' || index?.IndexStatus === 'UPDATING';

/** Checks the keys of the table and of its indexes. One that it lacks is added where the table is the kit's own. */
function checkKeys(table: string, found: TableDescription, schema: Schema, isOwn: boolean): void {
  const named = (keys: TableDescription['KeySchema']) => (keys ?? []).map((key) => key.AttributeName).join(', ');
  const wrong = schemaIndexes(schema)
    .filter((index) => {
      const there = foundIndex(found, index);
      return there ? named(there.KeySchema) !== `${index.hashAttribute}, ${sortAttribute(schema)}` : !isOwn;
    })
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
