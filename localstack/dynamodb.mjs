// dynalite, with what it lacks: UpdateTable that creates and deletes indexes of a table that is in use, and tables on
// disk that outlive their process. Its actions are not among its exports, so they are replaced before it loads them.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../dist/quick.js';
import { openTables, withTablesRead } from './tables.mjs';

/**
 * @import { IncomingMessage, ServerResponse } from 'node:http'
 * @import { Store } from './tables.mjs'
 */

const require = createRequire(import.meta.url);
const db = require('dynalite/db');
const { types } = require('dynalite/validations/updateTable');
const { notNull: _, ...definitions } = require('dynalite/validations/createTable').types.AttributeDefinitions;

types.AttributeDefinitions = definitions;
// An index of a table that is paid by request has none.
delete types.GlobalSecondaryIndexUpdates.children.children.Create.children.ProvisionedThroughput.notNull;

/**
 * @typedef {{ AttributeName: string, KeyType: string }[]} KeySchema
 * @typedef {{ IndexName: string, KeySchema: KeySchema, IndexStatus?: string, Backfilling?: boolean }} Index
 * @typedef {object} Table
 * @property {string} TableName
 * @property {string} TableArn
 * @property {string} TableStatus
 * @property {KeySchema} KeySchema
 * @property {{ AttributeName: string, AttributeType: string }[]} AttributeDefinitions
 * @property {{ BillingMode?: string }} [BillingModeSummary]
 * @property {Index[]} [GlobalSecondaryIndexes]
 * @property {Index[]} [LocalSecondaryIndexes]
 *
 * @typedef {{ Create?: Index & { ProvisionedThroughput?: object }, Delete?: { IndexName: string } }} Change
 * @typedef {(error: unknown, answer?: object) => void} Callback
 * @typedef {{ TableName: string, IndexName?: string, GlobalSecondaryIndexUpdates?: Change[] }} Request
 * @typedef {Request & Pick<Table, 'AttributeDefinitions'>} Update
 */

/** @param {string} name @param {(action: Function) => (store: Store, data: any, callback: Callback) => void} change */
function replace(name, change) {
  const file = require.resolve(`dynalite/actions/${name}`);
  const action = require(file);
  const module = require.cache[file];
  if (module) module.exports = change(action);
}

replace('updateTable', (action) => (store, /** @type {Update} */ data, callback) => {
  const changes = (data.GlobalSecondaryIndexUpdates ?? []).filter(({ Create, Delete }) => Create || Delete);
  if (changes.length === 0) action(store, data, callback);
  else begin(store, data, changes).then((TableDescription) => callback(null, { TableDescription }), callback);
});

for (const name of ['query', 'scan'])
  replace(name, (action) => (store, /** @type {Request} */ data, callback) => {
    if (data.IndexName === undefined) return action(store, data, callback);
    store.getTable(data.TableName, (/** @type {unknown} */ _error, /** @type {Table | undefined} */ table) => {
      const index = table?.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === data.IndexName);
      if (index?.IndexStatus !== 'CREATING') action(store, data, callback);
      else callback(db.validationError(`Cannot read from backfilling global secondary index: ${data.IndexName}`));
    });
  });

replace('batchWriteItem', (action) => (store, data, callback) => action(withTablesRead(store), data, callback));

// An error that is none of DynamoDB's, such as a full disk, would end the process.
for (const name of readdirSync(path.join(path.dirname(require.resolve('dynalite')), 'actions')))
  replace(
    name,
    (action) => (store, data, callback) =>
      action(store, data, (/** @type {any} */ error, /** @type {object} */ answer) => {
        if (!error || error.statusCode) return callback(error, answer);
        const message = `The embedded emulator cannot read or write its tables: ${messageOf(error)}`;
        console.error(`error: ${message}`);
        callback(refusal('InternalServerError', message, 500));
      }),
  );

/** @type {Store} Of the server that was made last. */
let made;
const { create } = db;
db.create = (/** @type {object} */ options) => {
  made = create(options);
  return made;
};
/** @type {typeof import('dynalite').default} */
const dynalite = require('dynalite');

/**
 * @typedef {object} Dynamo
 * @property {(request: IncomingMessage, response: ServerResponse) => void} answer
 * @property {() => Promise<void>} close
 */

/**
 * Starts DynamoDB.
 *
 * @param {string} [folder] Where it keeps its tables; default: in memory.
 * @returns {Promise<Dynamo>}
 */
export async function startDynamo(folder) {
  const database = dynalite({
    ...{ createTableMs: 20, deleteTableMs: 20, updateTableMs: 250 },
    ...(folder !== undefined && { path: folder }),
  });
  const store = made;
  const [answer] = database.listeners('request');
  if (answer === undefined || !store) throw new Error('dynalite has another interface than this module knows');
  await openTables(store);
  if (folder !== undefined) await goOn(store);
  return {
    answer(request, response) {
      answer.call(database, request, response);
      // Where a client goes away in the middle of a request, dynalite throws, which would end the process.
      request.removeAllListeners('error').on('error', () => {});
    },
    close: () => called((done) => store.db.close(done)),
  };
}

/** Brings to its end what was under way when the process ended. @param {Store} store */
async function goOn(store) {
  /** @type {Table[]} */
  const tables = [];
  for await (const table of store.tableDb.createValueStream()) tables.push(table);
  for (const { TableName: name, TableStatus: status, GlobalSecondaryIndexes: indexes = [] } of tables) {
    if (status === 'ACTIVE') continue;
    const created = indexes.find(({ IndexStatus }) => IndexStatus === 'CREATING');
    const deleted = indexes.find(({ IndexStatus }) => IndexStatus === 'DELETING');
    if (status === 'UPDATING') await finish(store, name, created, deleted);
    else {
      await changed(store, name, (table) => {
        table.TableStatus = 'ACTIVE';
        for (const index of table.GlobalSecondaryIndexes ?? []) index.IndexStatus = 'ACTIVE';
      });
      const deleteTable = require('dynalite/actions/deleteTable');
      if (status === 'DELETING') await called((done) => deleteTable(store, { TableName: name }, done));
    }
  }
}

/**
 * Begins to create or delete an index; what is left to do goes on by itself.
 *
 * @param {Store} store
 * @param {Update} data
 * @param {Change[]} changes
 * @returns {Promise<Table>} As it is meanwhile.
 */
function begin(store, data, changes) {
  return changed(store, data.TableName, (table) => {
    const [{ Create, Delete } = {}] = changes;
    const refused = refusalOf(table, data, changes);
    if (refused) throw refused;
    table.TableStatus = 'UPDATING';
    if (Create) {
      const { ProvisionedThroughput = { ReadCapacityUnits: 0, WriteCapacityUnits: 0 }, ...index } = Create;
      const arn = `${table.TableArn}/index/${Create.IndexName}`;
      const known = new Set(table.AttributeDefinitions.map(({ AttributeName }) => AttributeName));
      const added = data.AttributeDefinitions.filter(({ AttributeName }) => !known.has(AttributeName));
      table.AttributeDefinitions.push(...added);
      (table.GlobalSecondaryIndexes ??= []).push({
        ...index,
        ...{ IndexArn: arn, IndexSizeBytes: 0, ItemCount: 0, IndexStatus: 'CREATING', Backfilling: true },
        ...{ ProvisionedThroughput: { ...ProvisionedThroughput, NumberOfDecreasesToday: 0 } },
      });
    }
    const deleted = table.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === Delete?.IndexName);
    if (deleted) deleted.IndexStatus = 'DELETING';
    finish(store, table.TableName, Create, Delete).catch((error) => {
      // The table, or the whole emulator, has gone meanwhile.
      if (!error?.body && !/closed/.test(error?.message)) throw error;
    });
  });
}

/**
 * @param {Store} store
 * @param {string} name
 * @param {Change['Create']} created
 * @param {Change['Delete']} deleted
 */
async function finish(store, name, created, deleted) {
  await sleep(store.options.updateTableMs);
  if (created) await backfill(store, await called((done) => store.getTable(name, false, done)), created);
  if (deleted) await called((done) => store.deleteIndexDb('Global', name, deleted.IndexName, done));
  await changed(store, name, (table) => {
    table.TableStatus = 'ACTIVE';
    const indexes = (table.GlobalSecondaryIndexes ?? []).filter(({ IndexName }) => IndexName !== deleted?.IndexName);
    const index = indexes.find(({ IndexName }) => IndexName === created?.IndexName);
    if (index) index.IndexStatus = 'ACTIVE';
    delete index?.Backfilling;
    const schemas = [table, ...(table.LocalSecondaryIndexes ?? []), ...indexes].flatMap(({ KeySchema }) => KeySchema);
    const keys = new Set(schemas.map(({ AttributeName }) => AttributeName));
    table.AttributeDefinitions = table.AttributeDefinitions.filter(({ AttributeName }) => keys.has(AttributeName));
    if (indexes.length > 0) table.GlobalSecondaryIndexes = indexes;
    else delete table.GlobalSecondaryIndexes;
  });
}

/**
 * Puts the items that are there into an index. Those whose keys are none are left out, as AWS does.
 *
 * @param {Store} store
 * @param {Table} table
 * @param {Index} index
 */
async function backfill(store, table, index) {
  const items = store.getItemDb(table.TableName);
  const rows = store.getIndexDb('Global', table.TableName, index.IndexName);
  const isKey = (/** @type {object} */ item) =>
    !db.traverseKey(table, index.KeySchema, (/** @type {[string, string, boolean]} */ ...key) =>
      db.validateKeyPiece(item, ...key),
    );
  for await (const found of items.createValueStream()) {
    const key = db.createKey(found, table);
    // As it is now, and nobody writes it meanwhile.
    await locked(items, key, async () => {
      const item = await called((done) => items.get(key, done));
      if (!item || !isKey(item)) return;
      const [put] = db.getIndexActions([index], null, item, table).puts;
      await called((done) => rows.put(put.key, put.item, done));
    });
  }
}

/**
 * Why AWS refuses to create or delete an index.
 *
 * @param {Table} table
 * @param {Update} data
 * @param {Change[]} changes
 */
function refusalOf(table, { AttributeDefinitions: given = [] }, changes) {
  const [{ Create, Delete } = {}] = changes;
  const indexes = table.GlobalSecondaryIndexes ?? [];
  const isThere = (/** @type {string} */ name) => indexes.some(({ IndexName }) => IndexName === name);
  const isInWork = indexes.some(({ IndexStatus = '' }) => ['CREATING', 'DELETING'].includes(IndexStatus));
  if (changes.length > 1 || (table.TableStatus === 'UPDATING' && isInWork))
    return db.limitError(
      'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    );
  if (table.TableStatus !== 'ACTIVE')
    return refusal('ResourceInUseException', `Attempt to change a resource which is still in use: ${table.TableName}`);
  if (Delete && !isThere(Delete.IndexName))
    return refusal('ResourceNotFoundException', `Requested resource not found: Index: ${Delete.IndexName} not found`);
  const fault = Create && faultOf(table, given, Create, isThere(Create.IndexName));
  return fault && db.validationError(`One or more parameter values were invalid: ${fault}`);
}

/**
 * @param {Table} table
 * @param {Table['AttributeDefinitions']} given
 * @param {Index & { ProvisionedThroughput?: object }} index
 * @param {boolean} isThere
 */
function faultOf(table, given, { IndexName, KeySchema, ProvisionedThroughput }, isThere) {
  const byRequest = table.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST';
  if (isThere) return `Duplicate index name: ${IndexName}`;
  if (table.GlobalSecondaryIndexes?.length === 20)
    return 'GlobalSecondaryIndex count exceeds the per-table limit of 20';
  if (byRequest === Boolean(ProvisionedThroughput))
    return `ProvisionedThroughput ${byRequest ? 'should not' : 'must'} be specified for index: ${IndexName}`;
  const [keys, names] = [KeySchema, given].map((each) => each.map(({ AttributeName }) => AttributeName));
  if (keys?.some((key) => !names?.includes(key)))
    return (
      'Some index key attributes are not defined in AttributeDefinitions. ' +
      `Keys: [${keys.join(', ')}], AttributeDefinitions: [${names?.join(', ')}]`
    );
  const other = given.find(({ AttributeName, AttributeType }) =>
    table.AttributeDefinitions.some(
      (old) => old.AttributeName === AttributeName && old.AttributeType !== AttributeType,
    ),
  );
  return other && `Attribute ${other.AttributeName} is defined with another type`;
}

/** @param {string} name @param {string} message @param {number} [statusCode] */
const refusal = (name, message, statusCode = 400) =>
  Object.assign(new Error(message), {
    statusCode,
    body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message },
  });

/**
 * Changes the description of a table while nobody else does, and returns it.
 *
 * @param {Store} store
 * @param {string} name
 * @param {(table: Table) => void} change
 * @returns {Promise<Table>}
 */
const changed = (store, name, change) =>
  locked(store.tableDb, name, async () => {
    /** @type {Table} */
    const table = await called((done) => store.getTable(name, false, done));
    change(table);
    await called((done) => store.tableDb.put(name, table, done));
    return table;
  });

/** @template T @param {any} database @param {string} key @param {() => Promise<T>} work @returns {Promise<T>} */
const locked = (database, key, work) =>
  new Promise((resolve, reject) => {
    database.lock(key, (/** @type {(done: () => void) => () => void} */ release) =>
      work()
        .then(resolve, reject)
        .finally(release(() => {})),
    );
  });

/** @param {(done: (error: unknown, value?: any) => void) => void} call @returns {Promise<any>} */
const called = (call) =>
  new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));
