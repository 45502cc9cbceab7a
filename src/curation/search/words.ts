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

const singulars = new Map<string, string>();

/** The singular of a word, which is remembered: texts have the same words again and again. */
function singular(word: string): string {
  const known = singulars.get(word);
  if (known !== undefined) return known;
  const own = stemmed(word);
  // There are some ten thousand words in a catalogue; more are no words.
  if (singulars.size < 100_000) singulars.set(word, own);
  return own;
}

/** A word in the singular, roughly: both numbers of a word have to become the same. */
function stemmed(word: string): string {
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
