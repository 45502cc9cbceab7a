/** Words that say nothing of what an image shows. */
const empty = new Set(
  'a an and any are by color colored colour coloured for from in is it of on or s the to with'.split(' '),
);

const irregular: Readonly<Record<string, string>> = { men: 'man', women: 'woman', children: 'child' };

/** The words of a text as they are compared: lower case, no accents, the singular. `Women's Tops` is `woman top`. */
export const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}+|['’](s\b)?/gu, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && !empty.has(word))
    .map(singular);

/** A word in the singular, roughly: the same for both numbers of a word is all that is needed. */
export function singular(word: string): string {
  const stem =
    word.length < 4 || /(ss|us|is)$/.test(word)
      ? word
      : word
          .replace(/ies$/, 'y')
          .replace(/(ss|sh|ch|x|z)es$/, '$1')
          .replace(/(r|l|a)ves$/, '$1f')
          .replace(/([^s])s$/, '$1');
  return irregular[stem] ?? stem;
}
