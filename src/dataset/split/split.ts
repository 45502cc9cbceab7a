import { inspect } from 'node:util';
import { count, percent, plural } from '../../work/index.js';
import type { Row } from '../row.js';
import type { Shares } from './shares.js';
import { type RowSides, type SmallClass, type SplitOptions, splitColumn, splitRows } from './split-rows.js';

/** What a split is made of, and its sides are: a data set, of which there are views. */
export interface Splittable<D> {
  readonly rows: readonly Row[];
  select(rows: readonly Row[]): D;
}

/** How large a side is. */
export interface SideSize {
  readonly name: string;
  readonly rows: number;
  /** Its part of all rows. */
  readonly share: number;
}

/**
 * What is known of a split beside its sides.
 *
 * @example
 * const split = await shoes.split({ train: 0.8, validation: 0.1, test: 0.1 }, { stratify: 'season' });
 * console.log(split.sizes, split.train.rows.length);
 */
export interface SplitFacts<D> {
  /** All rows, with the column `split`. */
  readonly all: D;
  readonly sizes: readonly SideSize[];
  /** Classes with fewer groups of rows than there are sides: they are not on every side. */
  readonly small: readonly SmallClass[];
  /** The rows of `keep` that had to change their side. */
  readonly moved: RowSides['moved'];
}

/** The sides of a split by their names, each a view with the column `split`; prints as one line and what to know. */
export type Split<N extends string, D> = Readonly<Record<N, D>> & SplitFacts<D>;

/** Splits a data set; see `Dataset.split`. */
export function splitDataset<N extends string, D>(
  dataset: Splittable<D>,
  md5s: readonly string[],
  shares: Readonly<Record<N, number>>,
  options: SplitOptions = {},
): Split<N, D> {
  const { sides, small, moved } = splitRows(dataset.rows, md5s, shares, options);
  const rows = dataset.rows.map((row, i) => ({ ...row, [splitColumn]: sides[i] }));
  const names = Object.keys(shares as Shares);
  const views = names.map((name) => rows.filter((row) => row[splitColumn] === name));
  const sizes = names.map((name, n): SideSize => {
    const size = views[n]?.length ?? 0;
    return { name, rows: size, share: rows.length === 0 ? 0 : size / rows.length };
  });
  const facts: SplitFacts<D> = { all: dataset.select(rows), sizes, small, moved };
  const split = { ...Object.fromEntries(names.map((name, n) => [name, dataset.select(views[n] ?? [])])), ...facts };
  Object.defineProperty(split, inspect.custom, { value: () => describe(facts) });
  return split as Split<N, D>;
}

/** `684 rows: train 547 (80.0%), validation 69 (10.1%), test 68 (9.9%)`, and a line for whatever is to be known. */
function describe({ sizes, small, moved }: SplitFacts<unknown>): string {
  const total = sizes.reduce((sum, { rows }) => sum + rows, 0);
  const parts = sizes.map(({ name, rows, share }) => `${name} ${count(rows)} (${percent(share)})`);
  const lines = [`${plural(total, 'row')}: ${parts.join(', ')}`];
  if (small.length > 0) {
    const of = small.slice(0, 5).map(({ values, ids }) => `${values.join(' + ')} (${ids.slice(0, 5).join(', ')})`);
    lines.push(
      `${plural(small.length, 'class').replace(/classs$/, 'classes')} with too few images to be on every side: ` +
        `${of.join('; ')}${small.length > 5 ? '; …' : ''}`,
    );
  }
  if (moved.length > 0)
    lines.push(
      `${plural(moved.length, 'row')} changed sides, since new rows join groups: ${moved.slice(0, 10).join(', ')}`,
    );
  return lines.join('\n');
}
