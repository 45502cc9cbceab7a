import { count } from '../../work/index.js';
import { checkLimit } from '../limit.js';
import { areNames, numberText, valueText } from '../value-text.js';
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
 * one order for texts and numbers; `column` is the name of the values' column.
 *
 * @throws PipelineError `show.badLimit`
 *
 * @example
 * const { labels, indices } = countLabels(['Fall', 'Summer', 'Summer']);
 * console.log(labels, indices); // [{ label: 'Summer', n: 2 }, { label: 'Fall', n: 1 }], [1, 0, 0]
 */
export function countLabels(
  values: readonly unknown[],
  {
    column = '',
    limit = 20,
    sort,
  }: { column?: string; limit?: number | undefined; sort?: CountOrder | undefined } = {},
): Labels {
  checkLimit(limit);
  const grouped = !areNames(values, column);
  const textOf = (value: unknown) =>
    value === null ? blank : typeof value === 'number' ? numberText(value, grouped) : valueText(value);
  // By their texts: two lists of the same items are one value.
  const texts = values.map(textOf);
  const counts = new Map<string, { label: string; value: unknown; n: number }>();
  for (const [i, label] of texts.entries()) {
    const found = counts.get(label);
    if (found) found.n++;
    else counts.set(label, { label, value: values[i], n: 1 });
  }
  const ordered = [...counts.values()].sort((a, b) => {
    const numbers = typeof a.value === 'number' && typeof b.value === 'number';
    const byCount = sort === undefined ? !numbers : sort === 'count';
    return (
      (byCount && b.n - a.n) ||
      Number(a.value === null) - Number(b.value === null) ||
      (numbers ? Number(a.value) - Number(b.value) : a.label.localeCompare(b.label, 'en', { numeric: true }))
    );
  });
  const rarest = ordered.length > limit ? [...ordered].sort((a, b) => b.n - a.n).slice(limit - 1) : [];
  const others = new Set(rarest);
  const kept = ordered.filter((each) => !others.has(each));
  const indices = new Map(kept.map(({ label }, index) => [label, index]));
  const labels = kept.map(({ label, n }): Label => ({ label, n }));
  if (rarest.length > 0) {
    labels.push({ label: `(${count(rarest.length)} others)`, n: rarest.reduce((sum, { n }) => sum + n, 0) });
  }
  return { labels, indices: texts.map((text) => indices.get(text) ?? kept.length) };
}
