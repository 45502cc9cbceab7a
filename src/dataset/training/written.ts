import { inspect } from 'node:util';
import type { Failure } from '../../catalogue/index.js';
import { count, plural } from '../../work/index.js';
import type { Target } from './target.js';

/**
 * What was written of a data set; prints as a line.
 *
 * @example
 * const written: Written = await shoes.write('parquet', 'out/shoes', { overwrite: true });
 * console.log(written.rows, written.failures.length, String(written));
 */
export class Written {
  /** The files with the rows and images, and README.md. */
  readonly files: readonly string[];
  /** How many bytes all files have. */
  readonly bytes: number;
  /** How many of the images, or of the files of many, were there already, the same. */
  readonly kept: number;

  constructor(
    /** Where it is, as it was named. */
    readonly to: string,
    readonly format: string,
    /** The rows of each side of a split, by its name; of one side, `all`, where there is no split. */
    readonly sides: Readonly<Record<string, number>>,
    target: Pick<Target, 'files' | 'kept'>,
    /** Images that could not be read: they are in none of the files. */
    readonly failures: readonly Failure[],
    /** How many rows were left out for having no label. */
    readonly unlabelled: number,
    /** Files that were there before and are not the kit's: they were left as they are. */
    readonly others: readonly string[],
  ) {
    this.files = target.files.map(({ name }) => name);
    this.bytes = target.files.reduce((sum, file) => sum + file.bytes, 0);
    this.kept = target.kept;
  }

  /** How many rows were written. */
  get rows(): number {
    return Object.values(this.sides).reduce((sum, rows) => sum + rows, 0);
  }

  /** What was written where, in one line. */
  toString(): string {
    const { sides, rows, files, kept, bytes, failures, unlabelled, others } = this;
    const each = Object.entries(sides).map(([name, number]) => `${name} ${count(number)}`);
    const notes = [
      ...(kept > 0 ? [`${count(kept)} were there already`] : []),
      ...(failures.length > 0 ? [`${plural(failures.length, 'image')} failed`] : []),
      ...(unlabelled > 0 ? [`${plural(unlabelled, 'row')} without a label left out`] : []),
      ...(others.length > 0 ? [`${plural(others.length, 'file')} not of this data set, such as ${others[0]}`] : []),
    ];
    return (
      `${this.format}: ${plural(rows, 'row')}${each.length > 1 ? ` (${each.join(', ')})` : ''} in ` +
      `${plural(files.length, 'file')}, ${megabytes(bytes)}, in ${this.to}${notes.map((note) => `; ${note}`).join('')}`
    );
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

const megabytes = (bytes: number): string =>
  bytes < 100_000 ? `${count(Math.ceil(bytes / 1000))} kB` : `${count(Number((bytes / 1e6).toPrecision(3)))} MB`;
