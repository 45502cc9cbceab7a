/**
 * Items by a key, in the order of their first ones. (Node 20 has no Map.groupBy.)
 *
 * @template T, K
 * @param {readonly T[]} items
 * @param {(item: T) => K} keyOf
 */
export function groupBy(items, keyOf) {
  /** @type {Map<K, T[]>} */
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
