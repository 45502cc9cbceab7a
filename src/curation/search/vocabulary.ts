import type { Scored } from '../scored.js';
import { synonyms } from './synonyms.js';
import { wordsOf } from './words.js';

type Attributes = Scored['model']['attributes'];

/** A label of an attribute, by its place. */
export interface Label {
  attribute: string;
  label: string;
  column: number;
  /** How many labels the attribute has. */
  width: number;
}

/** What the words of a query can mean to a model. */
export interface Vocabulary {
  /** The labels that a phrase (words with blanks between them) names; undefined where it names none. */
  named(phrase: string): readonly Label[] | undefined;
  /** The labels that have a word among others. */
  with(word: string): readonly Label[];
  /** All words of labels and of what they are also called. */
  words: ReadonlySet<string>;
}

/** Words that join those of a label, as in `Necklace and Chains`, are not in it: `wordsOf` drops them. */
export function vocabularyOf(attributes: Attributes): Vocabulary {
  const phrases = new Map<string, Label[]>();
  const parts = new Map<string, Label[]>();
  const words = new Set<string>();
  const add = (map: Map<string, Label[]>, key: string, labels: readonly Label[]) =>
    map.set(key, [...(map.get(key) ?? []), ...labels]);
  for (const { name: attribute, labels } of attributes)
    for (const [column, label] of labels.entries()) {
      const own = { attribute, label, column, width: labels.length };
      const itsWords = wordsOf(label);
      if (itsWords.length === 0) continue;
      add(phrases, itsWords.join(' '), [own]);
      for (const word of new Set(itsWords)) {
        add(parts, word, [own]);
        words.add(word);
      }
    }
  const known = new Map(phrases);
  for (const [labels, ...others] of synonyms) {
    const meant = [labels].flat().flatMap((label) => known.get(wordsOf(label).join(' ')) ?? []);
    if (meant.length === 0) continue;
    for (const other of others) {
      const phrase = wordsOf(other).join(' ');
      // What is a label by itself means that.
      if (!known.has(phrase)) add(phrases, phrase, meant);
      for (const word of wordsOf(other)) words.add(word);
    }
  }
  return { named: (phrase) => phrases.get(phrase), with: (word) => parts.get(word) ?? [], words };
}
