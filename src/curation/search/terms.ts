import { PipelineError } from '../../work/index.js';
import { meantBy } from './spelling.js';
import type { Texts } from './texts.js';
import type { Label, Vocabulary } from './vocabulary.js';
import { wordsOf } from './words.js';

/** A part of a query that an image has to satisfy: by one of some labels, or by a word of its text. */
export interface Term {
  labels: readonly Label[];
  /** Phrases of which its text may have all words of one. */
  phrases: readonly (readonly string[])[];
}

/** The longest label, in words. */
const longest = 5;

/**
 * The terms of a query: the longest phrases that name a label, then single words. A word that neither the model nor the
 * texts know is taken for the one that is most like it.
 *
 * @throws PipelineError `search.unknownWord` where none is, `search.noWords`.
 */
export function termsOf(query: string, vocabulary: Vocabulary | undefined, texts: Texts | undefined): Term[] {
  const words = wordsOf(query).map((word) => spelled(word, vocabulary, texts));
  if (words.length === 0)
    throw new PipelineError('search.noWords', `The query '${query}' has no words. Write what an image shows.`, {
      value: query,
    });
  const terms: Term[] = [];
  for (let at = 0; at < words.length; ) {
    const { labels, length } = longestPhrase(words.slice(at, at + longest), vocabulary);
    const phrase = words.slice(at, at + length);
    // A word may be known as a part of a phrase only, such as `running shoes`.
    if (labels.length === 0 && !(texts && phrase.every((word) => texts.has(word))))
      throw unknown(words[at] ?? '', vocabulary, texts);
    terms.push({ labels, phrases: texts ? [phrase] : [] });
    at += length;
  }
  return joined(terms);
}

function longestPhrase(words: readonly string[], vocabulary: Vocabulary | undefined) {
  for (let length = words.length; length > 0; length--) {
    const labels = vocabulary?.named(words.slice(0, length).join(' '));
    if (labels) return { labels, length };
  }
  return { labels: vocabulary?.with(words[0] ?? '') ?? [], length: 1 };
}

/** Two labels of one attribute, as in `red blue shoes`, are two of which one has to hold. */
function joined(terms: readonly Term[]): Term[] {
  const byAttribute = new Map<string, Term>();
  for (const [place, term] of terms.entries()) {
    const attributes = [...new Set(term.labels.map(({ attribute }) => attribute))];
    const key = attributes.length === 1 ? `attribute ${attributes[0]}` : `term ${place}`;
    const before = byAttribute.get(key);
    byAttribute.set(
      key,
      before ? { labels: [...before.labels, ...term.labels], phrases: [...before.phrases, ...term.phrases] } : term,
    );
  }
  return [...byAttribute.values()];
}

function spelled(word: string, vocabulary: Vocabulary | undefined, texts: Texts | undefined): string {
  if (vocabulary?.words.has(word) || texts?.has(word)) return word;
  const [meant] = meantBy(word, knownWords(vocabulary, texts));
  if (meant === undefined) throw unknown(word, vocabulary, texts);
  return meant;
}

const knownWords = (vocabulary: Vocabulary | undefined, texts: Texts | undefined): string[] => [
  ...new Set([...(vocabulary?.words ?? []), ...(texts?.words() ?? [])]),
];

function unknown(word: string, vocabulary: Vocabulary | undefined, texts: Texts | undefined): PipelineError {
  const known = knownWords(vocabulary, texts).filter((other) => other !== word);
  const near = meantBy(word, known, Math.max(3, Math.ceil(word.length / 2))).slice(0, 5);
  return new PipelineError(
    'search.unknownWord',
    `Nothing here is called '${word}'.` +
      (near.length > 0 ? ` The nearest words that exist are ${near.join(', ')}.` : ' Use the words of its labels.'),
    { value: word },
  );
}
