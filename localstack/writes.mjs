// Writes to a LevelDB of the emulator.

/**
 * @template V
 * @typedef {object} Write A change of one value.
 * @property {string} key
 * @property {V | undefined} [value] The new one; undefined to remove it.
 * @property {() => void} [done] Called once it is on disk,
 * @property {(error: unknown) => void} undo or could not be written.
 */

/**
 * @template V
 * @typedef {{ type: 'put', key: string, value: V } | { type: 'del', key: string }} Operation
 */

/**
 * Writes in the order in which they are asked for. Those that come while others are written go together.
 *
 * @template V The values.
 */
export class Writes {
  #batch;
  /** @type {Write<V>[]} */
  #waiting = [];
  /** @type {Promise<void> | undefined} What is being written, */
  #current;
  /** @type {Promise<void> | undefined} and what is still waiting. */
  #next;

  /** @param {(operations: Operation<V>[]) => Promise<void>} batch Writes all of them or none. */
  constructor(batch) {
    this.#batch = batch;
  }

  /**
   * Writes a value, or removes it. Where that fails, it is undone, and so is what came after it.
   *
   * @param {Write<V>} write
   */
  write(write) {
    this.#waiting.push(write);
    this.#next ??= this.#writeAfter(this.#current);
    // Whoever made the request hears of it by `settled`, or by `undo`.
    this.#next.catch(() => {});
  }

  /** Once all that was asked for so far is on disk. Rejects where something could not be written. */
  async settled() {
    await (this.#next ?? this.#current);
  }

  /** @param {Promise<void> | undefined} before */
  async #writeAfter(before) {
    // Of what one turn of the event loop brings, nothing is written without the rest.
    await before;
    const writes = this.#waiting;
    this.#waiting = [];
    this.#current = this.#next;
    this.#next = undefined;
    try {
      await this.#batch(writes.map(operationOf));
    } catch (error) {
      const undone = [...writes, ...this.#waiting].reverse();
      this.#waiting = [];
      // What waits for `next` is undone here, and hears of it there.
      [this.#current, this.#next] = [undefined, undefined];
      for (const { undo } of undone) undo(error);
      throw error;
    }
    for (const { done } of writes) done?.();
  }
}

/** @template V @param {Write<V>} write @returns {Operation<V>} */
const operationOf = ({ key, value }) => (value === undefined ? { type: 'del', key } : { type: 'put', key, value });
