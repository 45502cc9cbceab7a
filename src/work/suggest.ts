/**
 * The names nearest to a misspelt one, for "did you mean …?", and those that contain it; an empty list where nothing is
 * near.
 */
export function nearest(word: string, names: Iterable<string>): string[] {
  const lower = word.toLowerCase();
  const limit = Math.max(1, Math.floor(word.length / 3));
  const distance = (name: string) => (lower.length > 2 && name.includes(lower) ? 0 : editDistance(lower, name));
  return [...names]
    .map((name) => ({ name, distance: distance(name.toLowerCase()) }))
    .filter((candidate) => candidate.distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .map(({ name }) => name);
}

/** ` Did you mean 'gender'?`, to follow a sentence; an empty text where no name is near. */
export function didYouMean(word: string, names: Iterable<string>): string {
  const [name] = nearest(word, names);
  return name === undefined ? '' : ` Did you mean '${name}'?`;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
