import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { byId, type Entry, type ProductId } from '../catalogue/index.js';
import { PipelineError } from '../work/index.js';

/** Bytes that are held in memory before they are written: the results of most queries need no file. */
const mostInMemory = 8 << 20;

/**
 * The products that a query finds, in any order, to be read in the order of their ids. Where they are many they lie in
 * a temporary file, and memory holds an id and a place of each, 16 bytes. The file is removed from its folder as soon
 * as it is open, so that nothing stays of it however the process ends.
 */
export class ProductFile {
  readonly #ids: ProductId[] = [];
  /** Where each product begins, and the next one: where it ends. */
  readonly #starts: number[] = [0];
  #unwritten: Buffer[] = [];
  #written = 0;
  #file: number | undefined;

  /** Reads all products. The file is to be closed. */
  static async of(products: Iterable<Entry> | AsyncIterable<Entry>): Promise<ProductFile> {
    const file = new ProductFile();
    try {
      for await (const product of products) file.#add(product);
      return file;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** How many products there are. */
  get count(): number {
    return this.#ids.length;
  }

  /** The ids, in the order in which the products were found. */
  get ids(): Iterable<ProductId> {
    return this.#ids;
  }

  /** The products in the order of their ids, so many at a time. */
  *groups(size: number): Generator<Entry[]> {
    const ids = this.#ids.map((id, i) => ({ id, i })).sort(byId);
    if (this.#file !== undefined) this.#flush();
    const inMemory = this.#file === undefined ? Buffer.concat(this.#unwritten) : undefined;
    for (let from = 0; from < ids.length; from += size)
      yield ids.slice(from, from + size).map(({ i }) => this.#read(i, inMemory));
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#unwritten = [];
  }

  #add(product: Entry): void {
    const text = Buffer.from(JSON.stringify(product));
    const end = (this.#starts.at(-1) ?? 0) + text.length;
    this.#ids.push(product.id);
    this.#starts.push(end);
    this.#unwritten.push(text);
    if (end - this.#written > mostInMemory) this.#flush();
  }

  #read(i: number, inMemory: Buffer | undefined): Entry {
    const [start = 0, end = 0] = this.#starts.slice(i, i + 2);
    let text = inMemory?.subarray(start, end);
    if (!text && this.#file !== undefined)
      readSync(this.#file, (text = Buffer.alloc(end - start)), 0, end - start, start);
    // What `#add` has written.
    return JSON.parse(String(text)) as Entry;
  }

  #flush(): void {
    try {
      this.#file ??= temporaryFile();
      const bytes = Buffer.concat(this.#unwritten);
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
      this.#written += bytes.length;
      this.#unwritten = [];
    } catch (cause) {
      throw new PipelineError(
        'dataset.noTemporaryFile',
        `The result of the query does not fit into the temporary folder ${os.tmpdir()}: ` +
          `${cause instanceof Error ? cause.message : String(cause)}. Make room there, or set TMPDIR to another.`,
        { value: os.tmpdir(), cause },
      );
    }
  }
}

function temporaryFile(): number {
  const name = path.join(
    os.tmpdir(),
    `ml-pipeline-${process.pid}-${Date.now()}-${Math.random().toString(36).slice(2)}`,
  );
  const file = openSync(name, 'wx+', 0o600);
  unlinkSync(name);
  return file;
}
