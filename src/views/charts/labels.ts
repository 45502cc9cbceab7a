import { valueText } from '../columns.js';

/** The label under which blanks are counted. */
export const blank = '(blank)';

/** A value of a column, or several of the rarest, and how often it occurs. */
export interface Label {
  readonly label: string;
  readonly n: number;
}

/** The labels of a column, and which of them each of its values has. */
export interface Labels {
  readonly labels: readonly Label[];
  /** A label's number for each value, in the order of the values. */
  readonly of: readonly number[];
}

/**
 * Counts the values of a column: the most frequent first, numbers in their own order, blanks as `(blank)`. Of more than
 * `most` the rarest are one label of others, the last.
 *
 * @example
 * labelsOf(['Fall', 'Summer', 'Summer', null]); // labels Summer 2, (blank) 1, Fall 1; of [2, 0, 0, 1]
 */
export function labelsOf(values: readonly unknown[], most = 20): Labels {
  const counts = new Map<unknown, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const ordered = [...counts].sort(([a, m], [b, n]) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : n - m || valueText(a).localeCompare(valueText(b), 'en'),
  );
  const rarest = ordered.length > most ? [...ordered].sort(([, m], [, n]) => n - m).slice(most - 1) : [];
  const others = new Set(rarest.map(([value]) => value));
  const kept = ordered.filter(([value]) => !others.has(value));
  const numbers = new Map(kept.map(([value], number) => [value, number]));
  const labels = kept.map(([value, n]): Label => ({ label: value === null ? blank : valueText(value), n }));
  if (rarest.length > 0)
    labels.push({ label: `(${rarest.length} others)`, n: rarest.reduce((sum, [, n]) => sum + n, 0) });
  return { labels, of: values.map((value) => numbers.get(value) ?? kept.length) };
}
