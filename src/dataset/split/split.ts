import { inspect } from 'node:util';
import { count, percent, plural } from '../../work/index.js';
import type { ViewStep } from '../view.js';
import type { Shares } from './shares.js';
import type { RowSides, SmallClass, SplitOptions } from './split-rows.js';

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

/** The sides of a split, each as `side` makes it. */
export function splitOf<N extends string, D extends { readonly rows: readonly unknown[] }>(
  all: D,
  names: readonly N[],
  side: (name: N) => D,
  found: Omit<RowSides, 'sides'>,
): Split<N, D> {
  const sides = names.map((name) => [name, side(name)] as const);
  const total = all.rows.length;
  const sizes = sides.map(([name, { rows }]): SideSize => {
    return { name, rows: rows.length, share: total === 0 ? 0 : rows.length / total };
  });
  const facts: SplitFacts<D> = { all, sizes, ...found };
  const split = { ...(Object.fromEntries(sides) as Record<N, D>), ...facts };
  return Object.defineProperty(split, inspect.custom, { value: () => describe(facts) });
}

/** The step by which a view gets the column `split`. */
export function splitStep(shares: Shares, { stratify, together, seed = 0 }: SplitOptions): ViewStep {
  const by = [stratify ?? []].flat();
  const parts = Object.entries(shares).map(([name, share]) => `${name} ${percent(share, 0)}`);
  const kept = typeof together === 'string' ? together : together && 'groups';
  const words =
    `split into ${parts.join(', ')}${by.length > 0 ? ` within ${by.join(' + ')}` : ''}` +
    `${kept === undefined ? '' : `, ${kept} together`}, seed ${seed}`;
  return {
    step: 'split',
    words,
    shares: { ...shares },
    stratify: by,
    seed,
    ...(kept !== undefined && { together: kept }),
  };
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
