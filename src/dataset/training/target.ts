import { PipelineError } from '../../work/index.js';
import type { Bytes } from '../formats/index.js';
import { type Before, readJournal, type WrittenFile, writeJournal } from './journal.js';
import { journalName, type Place } from './place.js';

/** What is being written to a place: which files are there whole, and which may be. */
export class Target {
  readonly #place: Place;
  readonly #before: Before;
  readonly #format: string;
  readonly #digest: string;
  readonly #files = new Map<string, WrittenFile>();
  /** What the kit has there, or may have, that is not among the files. */
  readonly #begun: Set<string>;
  /** Whether the place has had this write's list of files. */
  #noted = false;
  /** How many images or files of many were there already. */
  kept = 0;

  constructor(place: Place, before: Before, format: string, digest: string) {
    this.#place = place;
    this.#before = before;
    this.#format = format;
    this.#digest = digest;
    this.#begun = new Set(before.ours);
  }

  /** The files that are there, by their names. */
  get files(): WrittenFile[] {
    return [...this.#files.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Notes files that are about to be written: whoever is stopped leaves nothing that is not known to be the kit's. */
  async begin(names: readonly string[]): Promise<void> {
    for (const name of names) this.#begun.add(name);
    await this.#note(false);
  }

  /** Whether an image is there whose bytes have this MD5; then it stays. */
  async keepIfSame(name: string, md5: string | undefined): Promise<boolean> {
    const there = this.#before.there.get(name);
    if (!there || md5 === undefined || (await this.#place.md5(name, there)) !== md5) return false;
    this.#add({ name, bytes: there.bytes });
    this.kept++;
    return true;
  }

  /** Of a file of many that is there whole: how many rows of its side are in it; undefined where it is none. */
  keepShard(name: string): number | undefined {
    const file = this.#before.journal?.files.find((one) => one.name === name);
    if (file?.rows === undefined || this.#before.there.get(name)?.bytes !== file.bytes) return undefined;
    this.#add(file);
    this.kept++;
    return file.rows;
  }

  /** Writes a file that was noted. */
  async put(name: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    await this.#place.write(name, [bytes], signal);
    this.#add({ name, bytes: bytes.length });
  }

  /** Writes a file, and notes before and after that it does; `rows` is called at its end. */
  async write(
    name: string,
    content: AsyncIterable<Bytes> | Iterable<Bytes>,
    { rows, signal }: { rows?: () => number | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    await this.begin([name]);
    let bytes = 0;
    const counted = async function* () {
      for await (const some of content) {
        bytes += Buffer.byteLength(some);
        yield some;
      }
    };
    await this.#place.write(name, counted(), signal);
    const number = rows?.();
    this.#add({ name, bytes, ...(number !== undefined && { rows: number }) });
  }

  /**
   * Removes what is the kit's and no longer of the data set, and notes that it is whole.
   *
   * @throws PipelineError `write.disturbed` where files have appeared that this write did not put there.
   */
  async complete(signal: AbortSignal | undefined): Promise<void> {
    await this.#place.remove([...this.#begun]);
    this.#begun.clear();
    for (const name of (await this.#place.files(signal)).keys())
      if (name !== journalName && !this.#files.has(name) && !this.#before.others.includes(name))
        throw this.#disturbed(`${name} has appeared there`);
    await this.#note(true);
  }

  #add(file: WrittenFile): void {
    this.#files.set(file.name, file);
    this.#begun.delete(file.name);
  }

  async #note(complete: boolean): Promise<void> {
    const [format, digest, files, begun] = [this.#format, this.#digest, this.files, [...this.#begun]];
    if (this.#noted && (await readJournal(this.#place))?.digest !== digest)
      throw this.#disturbed('its list of files is another one');
    await writeJournal(this.#place, { format, digest, complete, files, begun });
    this.#noted = true;
  }

  #disturbed(how: string): PipelineError {
    return new PipelineError(
      'write.disturbed',
      `Something else writes to ${this.#place.name} at the same time: ${how}. Write to a place of its own.`,
      { value: this.#place.name },
    );
  }
}
