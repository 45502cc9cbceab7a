import { distance } from 'fastest-levenshtein';

/** How many letters may be wrong: none in a word of three, one in a short one, two in a long one. */
const mostEdits = (word: string): number => (word.length < 4 ? 0 : word.length < 6 ? 1 : 2);

/** The words most like a misspelt one, the likeliest first. Two letters that changed places are one mistake. */
export function meantBy(word: string, known: Iterable<string>, most = mostEdits(word)): string[] {
  const swapped = Array.from({ length: Math.max(0, word.length - 1) }, (_, i) => {
    const [a = '', b = ''] = word.slice(i, i + 2);
    return word.slice(0, i) + b + a + word.slice(i + 2);
  });
  const edits = (name: string) => Math.min(distance(word, name), ...swapped.map((each) => distance(each, name) + 1));
  return [...known]
    .filter((name) => Math.abs(name.length - word.length) <= most)
    .map((name) => ({ name, edits: edits(name) }))
    .filter(({ edits }) => edits <= most)
    .sort((a, b) => a.edits - b.edits || Number(b.name[0] === word[0]) - Number(a.name[0] === word[0]))
    .map(({ name }) => name);
}
