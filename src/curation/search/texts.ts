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
  const places = new Map<string, number[]>();
  const lengths = items.map((item, place) => {
    const words = new Set(textOf(item).flatMap(wordsOf));
    for (const word of words) {
      const before = places.get(word);
      if (before) before.push(place);
      else places.set(word, [place]);
    }
    return words.size;
  });
  const texts: Texts = {
    has: (word) => places.has(word),
    words: () => places.keys(),
    // A word is more of a short text than of a long one.
    about(word) {
      const found = places.get(word) ?? [];
      const shortest = found.reduce((least, place) => Math.min(least, lengths[place] ?? 1), Infinity);
      return found.map((place) => [place, Math.sqrt(shortest / (lengths[place] ?? 1))] as const);
    },
  };
  indexes.set(items, texts);
  return texts;
}

/** The values of an item that are texts, or lists of them. */
const textOf = (item: Item): string[] =>
  Object.entries(item)
    .flatMap(([name, value]) => (names.has(name) ? [] : value))
    .filter((value) => typeof value === 'string');
