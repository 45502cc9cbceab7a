import type { Aws } from '../../aws/index.js';
import type { ProductId } from '../id.js';
import type { Values } from './change.js';
import { changeSetIds, readChangeSets, stampOf } from './change-set.js';

/**
 * The values that products of the table were given by change sets since a time (milliseconds), and were not given
 * others by later ones.
 */
export async function changedSince(aws: Aws, since: number, signal?: AbortSignal): Promise<Map<ProductId, Values>> {
  const first = new Date(since).toISOString();
  // An undo is called as what it undoes.
  const ids = (await changeSetIds(aws, signal)).filter((id) => id >= stampOf(first) || id.endsWith('-undo'));
  const changed = new Map<ProductId, Values>();
  for (const { at, done, changes } of await readChangeSets(aws, ids, signal)) {
    if (at < first || !done) continue;
    const left = new Set([...done.conflicts, ...done.failed].map(({ id }) => id));
    for (const { id, after } of changes) if (!left.has(id)) changed.set(id, { ...changed.get(id), ...after });
  }
  return changed;
}
