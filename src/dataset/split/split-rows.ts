import type { ProductId } from '../../catalogue/index.js';
import { didYouMean, grouped, PipelineError, plural } from '../../work/index.js';
import type { Row } from '../row.js';
import { rowGroups, type Together } from './groups.js';
import { checkShares, type Shares } from './shares.js';
import { type Group, sidesOf } from './sides.js';

/** The column that says on which side a row is. */
export const splitColumn = 'split';

/**
 * How rows are split.
 *
 * @example
 * const together = await nearDuplicates(await pipeline.score(shoes));
 * const options: SplitOptions = { stratify: 'season', together, seed: 1 };
 * const { train, test } = await shoes.split({ train: 0.9, test: 0.1 }, options);
 */
export interface SplitOptions {
  /**
   * A field or several: each of their classes (or combinations) has its share on every side. Without it, the shares
   * hold for the whole, about as dice would have it.
   */
  stratify?: string | readonly string[] | undefined;
  /**
   * What is never torn apart, beside images of the same bytes and those made of one product: rows with the same value
   * of a field, or groups as `nearDuplicates` returns them.
   */
  together?: Together | undefined;
  /** An earlier split, or a data set with its column `split`: those rows stay where they are. */
  keep?: WithRows | { readonly all: WithRows } | undefined;
  /** Another seed is another split; default 0. */
  seed?: number | undefined;
}

interface WithRows {
  readonly rows: readonly Row[];
}

/** A class with fewer groups of rows than there are sides, so that it is not on all of them. */
export interface SmallClass {
  /** The values of the fields that the split is stratified by. */
  readonly values: readonly unknown[];
  readonly ids: readonly ProductId[];
}

/** The side of each row, and what is to be said of it. */
export interface RowSides {
  sides: readonly string[];
  small: readonly SmallClass[];
  /** The rows of an earlier split that are on another side now, since a new row belongs to groups of two sides. */
  moved: readonly ProductId[];
}

/**
 * Splits rows; `md5s` says for each row what its image is.
 *
 * @throws PipelineError `split.badShares`, `split.badName`, `split.unknownField`, `split.badTogether`,
 * `split.oneGroup`, `split.badKeep`, `split.badSeed`
 */
export function splitRows(
  rows: readonly Row[],
  md5s: readonly string[],
  shares: Shares,
  { stratify = [], together, keep, seed = 0 }: SplitOptions = {},
): RowSides {
  checkShares(shares);
  if (!Number.isSafeInteger(seed))
    throw new PipelineError('split.badSeed', `The seed is ${seed}. Give a whole number.`, { value: seed });
  const fields = [stratify].flat();
  for (const field of [...fields, ...(typeof together === 'string' ? [together] : [])]) checkField(rows, field);
  const found = rowGroups(rows, md5s, together);
  const numberOfSides = Object.keys(shares).length;
  if (rows.length > 0 && found.length < numberOfSides)
    throw new PipelineError(
      'split.oneGroup',
      `The ${plural(rows.length, 'row')} make ${plural(found.length, 'group')} that must not be torn apart, too few ` +
        `for ${numberOfSides} sides. ` +
        (together === undefined ? 'Take more rows.' : "Leave 'together' out, or name a finer one."),
      { value: together },
    );
  const earlier = keptSides(keep === undefined ? [] : 'all' in keep ? keep.all.rows : keep.rows, shares);
  const classOf = (i: number) => JSON.stringify(fields.map((field) => rows[i]?.[field] ?? null));
  const groups = found.map(({ key, rows: members }): Group => {
    const before = members.flatMap((i) => earlier.get(rows[i]?.id ?? '') ?? []);
    return {
      key,
      rows: members.length,
      stratum: fields.length > 0 ? mostFrequent(members.map(classOf)) : undefined,
      kept: mostFrequent(before),
    };
  });
  const sideOfGroup = sidesOf(groups, shares, seed);
  const sides: string[] = Array(rows.length).fill('');
  found.forEach(({ rows: members }, n) => {
    for (const i of members) sides[i] = sideOfGroup[n] ?? '';
  });
  const moved = rows.flatMap(({ id }, i) => {
    const before = earlier.get(id);
    return before === undefined || before === sides[i] ? [] : [id];
  });
  return { sides, small: smallClasses(), moved };

  function smallClasses(): SmallClass[] {
    if (fields.length === 0) return [];
    return [...grouped(groups.keys(), (n) => groups[n]?.stratum ?? '')]
      .filter(([, members]) => members.length < numberOfSides)
      .map(([stratum, members]) => ({
        values: JSON.parse(stratum) as unknown[],
        ids: members.flatMap((n) => (found[n]?.rows ?? []).flatMap((i) => rows[i]?.id ?? [])),
      }));
  }
}

function checkField(rows: readonly Row[], field: string): void {
  const known = new Set(rows.flatMap((row) => Object.keys(row)));
  if (rows.length === 0 || known.has(field)) return;
  throw new PipelineError(
    'split.unknownField',
    `The rows have no field '${field}'.${didYouMean(field, [...known])} They have ${[...known].join(', ')}.`,
    { value: field },
  );
}

/** The sides on which products are by an earlier split. */
function keptSides(rows: readonly Row[], shares: Shares): Map<ProductId, string> {
  const kept = new Map<ProductId, string>();
  for (const row of rows) {
    const side = row[splitColumn];
    if (typeof side !== 'string' || !Object.hasOwn(shares, side))
      throw new PipelineError(
        'split.badKeep',
        `The row of product ${row.id} to keep has ${JSON.stringify(side ?? null)} as '${splitColumn}', which is ` +
          `none of ${Object.keys(shares).join(', ')}. Give an earlier split into these, or its rows with that column.`,
        { value: side },
      );
    kept.set(row.id, side);
  }
  return kept;
}

/** The text that occurs most often, of several the first in the order of texts; undefined of none. */
function mostFrequent(texts: readonly string[]): string | undefined {
  if (texts.length < 2) return texts[0];
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))[0]?.[0];
}
