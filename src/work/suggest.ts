import { distance } from 'fastest-levenshtein';

/**
 * The names that a misspelt word may mean, the likeliest first: those that contain it, and those within a Levenshtein
 * distance of a third of its length. Upper and lower case are the same.
 */
export function nearest(word: string, names: Iterable<string>): string[] {
  const lower = word.toLowerCase();
  const limit = Math.max(1, Math.floor(word.length / 3));
  const edits = (name: string) => (lower.length > 2 && name.includes(lower) ? 0 : distance(lower, name));
  return [...names]
    .map((name) => ({ name, edits: edits(name.toLowerCase()) }))
    .filter((candidate) => candidate.edits <= limit)
    .sort((a, b) => a.edits - b.edits)
    .map(({ name }) => name);
}

/** ` Did you mean 'gender'?`, to follow a sentence; an empty text where no name is similar. */
export function didYouMean(word: string, names: Iterable<string>): string {
  const [name] = nearest(word, names);
  return name === undefined ? '' : ` Did you mean '${name}'?`;
}
