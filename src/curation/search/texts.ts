import MiniSearch from 'minisearch';
import type { Item } from '../../model/index.js';
import { wordsOf } from './words.js';

/** The words of the items' own texts. */
export interface Texts {
  has(word: string): boolean;
  words(): Iterable<string>;
  /** The places of the items whose text has a word, each with how much it is about that, from 0 to 1. */
  about(word: string): Iterable<readonly [place: number, score: number]>;
}

/** Columns that are no texts about an image. */
const names = new Set(['id', 'imagePath']);

const indexes = new WeakMap<readonly Item[], Texts>();

/** The texts of some items, indexed once for as long as the items are in memory: a second for 40,000. */
export function textsOf(items: readonly Item[]): Texts {
  const known = indexes.get(items);
  if (known) return known;
  const index = new MiniSearch<{ place: number; text: string }>({
    idField: 'place',
    fields: ['text'],
    tokenize: wordsOf,
    processTerm: (word) => word,
  });
  const seen = new Set<string>();
  index.addAll(
    items.map((item, place) => {
      const text = Object.entries(item)
        .flatMap(([name, value]) => (names.has(name) ? [] : [value]))
        .flat()
        .filter((value) => typeof value === 'string')
        .join(' ');
      for (const word of wordsOf(text)) seen.add(word);
      return { place, text };
    }),
  );
  const texts: Texts = {
    has: (word) => seen.has(word),
    words: () => seen,
    about(word) {
      const found = index.search(word);
      const most = found[0]?.score ?? 1;
      return found.map(({ id, score }) => [Number(id), score / most] as const);
    },
  };
  indexes.set(items, texts);
  return texts;
}
