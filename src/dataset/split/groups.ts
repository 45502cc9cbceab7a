import type { ProductId } from '../../catalogue/index.js';
import { DisjointSets, PipelineError } from '../../work/index.js';
import type { Row } from '../row.js';

/** Items that look the same, as `nearDuplicates` returns them. */
export interface SameItems {
  readonly items: readonly { readonly id: ProductId }[];
}

/** What has to stay together: rows with the same value of a field, or the items of each group. */
export type Together = string | readonly SameItems[];

/** Rows that belong together, by their places. */
export interface RowGroup {
  /** Of its images and values the first in the order of texts: the same whatever other rows there are. */
  key: string;
  rows: readonly number[];
}

/**
 * The rows in groups that must not be torn apart: those of one product, of the same bytes (`md5s`, a text for each
 * row), and whatever else `together` says.
 *
 * @throws PipelineError `split.badTogether` where that is nothing of these rows
 */
export function rowGroups(rows: readonly Row[], md5s: readonly string[], together: Together = []): RowGroup[] {
  const sets = new DisjointSets(rows.length);
  const first = new Map<string, number>();
  const joinBy = (i: number, key: string) => {
    const other = first.get(key);
    if (other === undefined) first.set(key, i);
    else sets.join(other, i);
  };
  const familyOf = (row: Row): string | undefined => {
    const value = typeof together === 'string' ? row[together] : undefined;
    return value === undefined || value === null ? undefined : JSON.stringify([together, value]);
  };
  rows.forEach((row, i) => {
    joinBy(i, `id ${row.id}`);
    if (md5s[i]) joinBy(i, `md5 ${md5s[i]}`);
    const family = familyOf(row);
    if (family !== undefined) joinBy(i, family);
  });
  if (typeof together !== 'string')
    for (const { items } of checkGroups(together)) {
      const places = items.flatMap(({ id }) => first.get(`id ${id}`) ?? []);
      for (const i of places) sets.join(places[0] ?? i, i);
    }
  return [...sets.sets().values()].map((members) => {
    const families = members.flatMap((i) => rows.slice(i, i + 1).flatMap((row) => familyOf(row) ?? []));
    const keys = families.length > 0 ? families : members.map((i) => md5s[i] ?? '');
    return { key: keys.sort()[0] ?? '', rows: members };
  });
}

function checkGroups(groups: readonly SameItems[]): readonly SameItems[] {
  const wrong = Array.isArray(groups) ? groups.find((group) => !Array.isArray(group?.items)) : groups;
  if (wrong === undefined) return groups;
  throw new PipelineError(
    'split.badTogether',
    `'together' takes the name of a field, or groups as nearDuplicates(scored) returns them, not ` +
      `${JSON.stringify(wrong)?.slice(0, 80)}.`,
    { value: wrong },
  );
}
