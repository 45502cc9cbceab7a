import { valueText } from '../columns.js';
import type { CountOrder } from './options.js';

/** The label under which blanks are counted. */
export const blank = '(blank)';

/** A value of a column, or several of the rarest together, and how often it occurs. */
export interface Label {
  readonly label: string;
  readonly n: number;
}

/** The labels of a column, and which label each of its values has. */
export interface Labels {
  readonly labels: readonly Label[];
  /** For each value, in the order of the values, the index of its label. */
  readonly indices: readonly number[];
}

/**
 * Counts the values of a column: the most frequent first, numbers in their own order, blanks as `(blank)`. Where there
 * are more than `limit` different ones, the rarest are counted together under a last label, `(11 others)`. `sort` sets
 * one order for texts and numbers.
 *
 * @example
 * const { labels, indices } = countLabels(['Fall', 'Summer', 'Summer']);
 * console.log(labels, indices); // [{ label: 'Summer', n: 2 }, { label: 'Fall', n: 1 }], [1, 0, 0]
 */
export function countLabels(values: readonly unknown[], limit = 20, sort?: CountOrder): Labels {
  const counts = new Map<unknown, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const ordered = [...counts].sort(([a, m], [b, n]) => {
    const numbers = typeof a === 'number' && typeof b === 'number';
    const byCount = sort === undefined ? !numbers : sort === 'count';
    return (byCount && n - m) || (numbers ? a - b : valueText(a).localeCompare(valueText(b), 'en', { numeric: true }));
  });
  const rarest = ordered.length > limit ? [...ordered].sort(([, m], [, n]) => n - m).slice(limit - 1) : [];
  const others = new Set(rarest.map(([value]) => value));
  const kept = ordered.filter(([value]) => !others.has(value));
  const indices = new Map(kept.map(([value], index) => [value, index]));
  const labels = kept.map(([value, n]): Label => ({ label: value === null ? blank : valueText(value), n }));
  if (rarest.length > 0) {
    labels.push({ label: `(${rarest.length} others)`, n: rarest.reduce((sum, [, n]) => sum + n, 0) });
  }
  return { labels, indices: values.map((value) => indices.get(value) ?? kept.length) };
}
