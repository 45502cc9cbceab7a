// What the embedded emulator keeps on disk: a folder with a version, DynamoDB's tables, and S3's objects and SQS's
// messages in one LevelDB. What was written stays when the process is killed.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { PipelineError } from '../dist/work/index.js';

/** Another number means that the state is kept otherwise. */
const version = 1;

/**
 * @typedef {object} Write A change of one value.
 * @property {string} key
 * @property {Uint8Array} [value] The new one; undefined to remove it.
 * @property {() => void} [done] Called once it is on disk,
 * @property {() => void} undo or could not be written.
 */

/** The state of an emulator in a folder of the disk. */
export class State {
  /** @type {ClassicLevel<string, Uint8Array>} */
  #db;
  /** @type {Write[]} */
  #waiting = [];
  /** @type {Promise<void> | undefined} */
  #writing;

  /** @param {string} folder @param {ClassicLevel<string, Uint8Array>} db */
  constructor(folder, db) {
    this.folder = folder;
    this.#db = db;
  }

  /** Where dynalite keeps its tables. */
  get tables() {
    return path.join(this.folder, 'tables');
  }

  /**
   * Opens the state in a folder, which is made if it is not there.
   *
   * @param {string} folder
   * @throws {PipelineError} `mock.stateTaken`, `mock.stateVersion`, `mock.stateFolder`
   */
  static async open(folder) {
    const file = path.join(folder, 'state.json');
    /** @param {string} code @param {string} why @param {unknown} [cause] */
    const fault = (code, why, cause) =>
      new PipelineError(code, `The emulator's state in ${folder} ${why}`, { value: folder, cause });
    const elsewhere = 'or keep it elsewhere (ML_PIPELINE_STATE), or in memory (up --memory).';
    try {
      mkdirSync(folder, { recursive: true });
      if (!existsSync(file) && readdirSync(folder).length > 0)
        throw fault('mock.stateFolder', `is none: the folder has other files. Name an empty one, ${elsewhere}`);
      const found = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
      const known = found === undefined ? version : versionIn(found);
      if (known !== version)
        throw fault(
          'mock.stateVersion',
          `is of another version (${known}, not ${version}). Throw it away with ` +
            `down --delete and seed again, ${elsewhere}`,
        );
      /** @type {ClassicLevel<string, Uint8Array>} */
      const db = new ClassicLevel(path.join(folder, 'objects'), { valueEncoding: 'view' });
      await db.open({ writeBufferSize: 2 ** 25, cacheSize: 2 ** 26 });
      if (found === undefined) writeFileSync(file, JSON.stringify({ version }));
      return new State(folder, db);
    } catch (error) {
      if (error instanceof PipelineError) throw error;
      const { code, cause } = /** @type {{ code?: string, cause?: { code?: string, message?: string } }} */ (error);
      if (cause?.code === 'LEVEL_LOCKED')
        throw fault('mock.stateTaken', `is in use by another emulator. Stop that one, ${elsewhere}`, error);
      const reason = cause?.message ?? (error instanceof Error ? error.message : String(error));
      throw fault('mock.stateFolder', `cannot be opened (${code ?? reason}). Free or repair it, ${elsewhere}`, error);
    }
  }

  /**
   * Writes a value, or removes it, in the order of the calls. Those that come while others are written go together.
   * Where they cannot be written, each is undone in memory.
   *
   * @param {Write} write
   */
  write(write) {
    this.#waiting.push(write);
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    // Whoever made the request hears of it by `settled`.
    this.#writing.catch(() => {});
  }

  async #writeAll() {
    // What one turn of the event loop brings is one write.
    await undefined;
    while (this.#waiting.length > 0) {
      const writes = this.#waiting;
      this.#waiting = [];
      try {
        await this.#db.batch(
          writes.map(({ key, value }) => (value ? { type: 'put', key, value } : { type: 'del', key })),
        );
        for (const { done } of writes) done?.();
      } catch (error) {
        for (const { undo } of [...writes, ...this.#waiting].reverse()) undo();
        this.#waiting = [];
        throw error;
      }
    }
  }

  /** Once all that was written so far is on disk. Rejects where something could not be written. */
  async settled() {
    await this.#writing;
  }

  /** A value that is on disk. @param {string} key @returns {Uint8Array | undefined} */
  read(key) {
    return this.#db.getSync(key);
  }

  /** All values whose keys begin so, by what follows. @param {string} prefix */
  async *all(prefix) {
    for await (const [key, value] of this.#db.iterator({ gte: prefix, lt: `${prefix}\uffff` }))
      yield/** @type {const} */ ([key.slice(prefix.length), value]);
  }

  async close() {
    await this.settled().catch(() => {});
    await this.#db.close();
  }
}

/** @param {string} text */
function versionIn(text) {
  try {
    return JSON.parse(text).version;
  } catch {
    return 'unknown';
  }
}
