// What the embedded emulator keeps on disk: a folder with a version, DynamoDB's tables, and S3's objects and SQS's
// messages in one LevelDB. What was written stays when the process is killed.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { PipelineError } from '../dist/quick.js';
import { Writes } from './writes.mjs';

/** Another number means that the state is kept otherwise. */
const version = 1;

/** @import { Operation, Write } from './writes.mjs' */

/** The state of an emulator in a folder of the disk. */
export class State {
  /** @type {ClassicLevel<string, Uint8Array>} */
  #db;
  #writes;

  /** @param {string} folder @param {ClassicLevel<string, Uint8Array>} db */
  constructor(folder, db) {
    this.folder = folder;
    this.#db = db;
    this.#writes = new Writes((/** @type {Operation<Uint8Array>[]} */ operations) => db.batch(operations));
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

  /** Writes a value, or removes it. @param {Write<Uint8Array>} write */
  write(write) {
    this.#writes.write(write);
  }

  /** Once all that was written so far is on disk. Rejects where something could not be written. */
  settled() {
    return this.#writes.settled();
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
