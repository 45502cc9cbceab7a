// dynalite's database. Each of its values would be a write of its own: here, an item and its rows of all indexes are
// one write, which is there or not, and so are the items of a request.
import { createRequire } from 'node:module';
import { Writes } from './writes.mjs';

/** @import { Operation } from './writes.mjs' */

const db = createRequire(import.meta.url)('dynalite/db');

/**
 * @typedef {any} Store dynalite's databases, as `dynalite/db` makes them.
 * @typedef {(error: unknown, value?: any) => void} Callback
 */

/** @type {{ item: object, text: string } | undefined} The item that is being written, and its JSON, for all indexes. */
let current;

db.updateIndexes = (
  /** @type {Store} */ store,
  /** @type {any} */ table,
  /** @type {object | undefined} */ before,
  /** @type {object | undefined} */ item,
  /** @type {Callback} */ callback,
) => {
  if (item) current = { item, text: JSON.stringify(item) };
  for (const type of ['Local', 'Global']) {
    const { puts, deletes } = db.getIndexActions(table[`${type}SecondaryIndexes`] ?? [], before, item, table);
    const rows = (/** @type {string} */ index) => store.getIndexDb(type, table.TableName, index);
    for (const { index, key } of deletes) rows(index).del(key);
    for (const { index, key, item } of puts) rows(index).put(key, item);
  }
  // The item itself is written next, in the same turn: whether that has failed is said of both.
  callback(null);
};

/**
 * Has the database of a store write and read as said above, and opens it with room for what a catalogue writes.
 *
 * @param {Store} store It was made in this turn of the event loop: later, its database opens by itself.
 */
export async function openTables({ db: database }) {
  const { batch } = database;
  const writes = new Writes((/** @type {Operation<string>[]} */ operations) =>
    batch(operations.map((each) => ({ ...each, valueEncoding: 'utf8' }))),
  );
  /** @param {string} key @param {unknown} value Undefined to remove it. @param {Callback} [callback] */
  const write = (key, value, callback) => {
    const text = current && value === current.item ? current.text : JSON.stringify(value);
    // What a callback throws is no failure of the write.
    const say = callback && ((/** @type {unknown} */ error) => queueMicrotask(() => callback(error)));
    writes.write({ key, value: text, ...(say && { done: () => say(null) }), undo: say ?? (() => {}) });
  };
  Object.assign(database, {
    put: write,
    del: (/** @type {string} */ key, /** @type {Callback} */ callback) => write(key, undefined, callback),
    /** @param {{ key: string, value?: unknown }[]} operations @param {Callback} callback */
    batch(operations, callback) {
      if (operations.length === 0) queueMicrotask(() => callback(null));
      for (const [i, { key, value }] of operations.entries())
        write(key, value, i === operations.length - 1 ? callback : undefined);
    },
    /** @param {string} key @param {Callback} callback */
    get(key, callback) {
      let value;
      try {
        value = database.getSync(key);
      } catch (error) {
        return callback(error);
      }
      callback(null, value);
    },
  });
  await database.open({ writeBufferSize: 2 ** 25, cacheSize: 2 ** 26 });
}

/**
 * A store that reads the description of each table once, for the items of one request.
 *
 * @param {Store} store
 * @returns {Store}
 */
export function withTablesRead(store) {
  /** @type {Map<string, object>} */
  const tables = new Map();
  /** @param {string} name @param {Callback} callback */
  const getTable = (name, callback) => {
    const table = tables.get(name);
    if (table) return callback(null, table);
    store.getTable(name, (/** @type {unknown} */ error, /** @type {object} */ table) => {
      if (table) tables.set(name, table);
      callback(error, table);
    });
  };
  return { ...store, getTable };
}
