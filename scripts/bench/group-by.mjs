/** Items by a key, in the order of their first ones. (Node 20 has no Map.groupBy.) */
export function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
