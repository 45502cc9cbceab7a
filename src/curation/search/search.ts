import type { Item } from '../../model/index.js';
import { PipelineError, percent } from '../../work/index.js';
import { checkScored } from '../check-scored.js';
import type { Scored } from '../scored.js';
import { type Term, termsOf } from './terms.js';
import { type Texts, textsOf } from './texts.js';
import { type Label, vocabularyOf } from './vocabulary.js';

/** By what images are found: what the model sees in them, the items' own texts, or both. */
export const searchWays = ['both', 'image', 'text'] as const;

/**
 * By what images are found, and how many.
 *
 * @example
 * const options: SearchOptions = { by: 'image', limit: 50 };
 * show.grid(search(scored, 'red women heels', options), { images: shoes });
 */
export interface SearchOptions {
  /** `image`: what the model sees. `text`: the words of the items' own texts. Default: `both`, as far as they go. */
  by?: (typeof searchWays)[number] | undefined;
  /** How many at most (default 20). */
  limit?: number | undefined;
  /** The least score, from 0 to 1 (default 0.05). */
  minScore?: number | undefined;
}

/** An item that a search has found. */
export interface Found<T extends Item = Item> {
  item: T;
  /** How well it fits all words, from 0 to 1. */
  score: number;
  /** By what: `gender Women 98%, articleType Heels 97%, text 'nike'`. */
  words: string;
}

/**
 * Finds images by words, the best first. Words are the labels that the model knows, in the singular or plural, by other
 * names (`sneakers`, `ladies`) and misspelt, and all words of the items' own texts. Images without any text are found,
 * too. All words have to fit; of two labels of one attribute (`red blue shoes`) one. It takes less than 100 ms for
 * 40,000 images; the first search in texts takes a second more.
 *
 * @throws PipelineError `search.unknownWord` where a word means nothing here: it names the nearest that do;
 * `search.noWords`, `search.badOption`, `curation.notScored`.
 *
 * @example
 * show.grid(search(scored, 'red women heels', { limit: 20 }), { images: shoes });
 */
export function search<T extends Item>(scored: Scored<T>, query: string, options: SearchOptions = {}): Found<T>[] {
  checkScored(scored, 'search', ['model', 'items', 'scores']);
  const { by = 'both', limit = 20, minScore = 0.05 } = checked(options);
  const texts = by === 'image' ? undefined : textsOf(scored.items);
  const terms = termsOf(query, by === 'text' ? undefined : vocabularyOf(scored.model.attributes), texts);
  const fits = terms.map((term) => fitOf(scored, term, texts));
  const scores = new Float32Array(scored.items.length);
  for (let place = 0; place < scores.length; place++) {
    let score = 1;
    for (const { fit } of fits) score *= fit[place] ?? 0;
    scores[place] = score;
  }
  return best(scores, limit, minScore).flatMap((place) =>
    scored.items.slice(place, place + 1).map((item) => ({
      item,
      score: scores[place] ?? 0,
      words: fits.flatMap(({ words }) => words(place)).join(', '),
    })),
  );
}

function checked(options: SearchOptions): SearchOptions {
  const { by = 'both', limit = 1, minScore = 0 } = options;
  const bad = (name: string, value: unknown, remedy: string) =>
    new PipelineError('search.badOption', `${name} is ${String(value)}; ${remedy}.`, { value });
  if (!searchWays.includes(by)) throw bad('by', by, `it can be ${searchWays.join(', ')}`);
  if (!(Number.isInteger(limit) && limit > 0)) throw bad('limit', limit, 'give a whole number above 0');
  if (!(minScore >= 0 && minScore <= 1)) throw bad('minScore', minScore, 'give a number from 0 to 1');
  return options;
}

/** How well each item fits a term, from 0 to 1, and by what one does, in words. */
interface Fit {
  fit: Float32Array;
  words(place: number): string[];
}

/** What a text says counts half as much as what is seen: `Red Tape` is a brand of brown shoes. */
const trustInText = 0.5;

function fitOf(
  { items, scores }: Pick<Scored, 'items' | 'scores'>,
  { labels, phrases }: Term,
  texts: Texts | undefined,
): Fit {
  const attributes = [...new Set(labels.map(({ attribute }) => attribute))];
  const probability = ({ attribute, column, width }: Label, place: number) =>
    scores[attribute]?.[place * width + column] ?? 0;
  const fit = new Float32Array(items.length);
  for (const label of labels)
    for (let place = 0; place < fit.length; place++)
      fit[place] = (fit[place] ?? 0) + probability(label, place) / attributes.length;
  const said = texts ? textFit(items.length, phrases, texts) : new Float32Array();
  const trust = labels.length > 0 ? trustInText : 1;
  said.forEach((much, place) => {
    fit[place] = 1 - (1 - Math.min(1, fit[place] ?? 0)) * (1 - trust * much);
  });
  return {
    fit,
    words: (place) => [
      ...likeliest(labels, (label) => probability(label, place)),
      ...((said[place] ?? 0) > 0 ? [`text '${phrases.map((phrase) => phrase.join(' ')).join("', '")}'`] : []),
    ],
  };
}

/** Of each attribute the label that holds most probably: `gender Women 98%`. */
function likeliest(labels: readonly Label[], probability: (label: Label) => number): string[] {
  const most = new Map<string, Label>();
  for (const label of labels) {
    const before = most.get(label.attribute);
    if (!before || probability(label) > probability(before)) most.set(label.attribute, label);
  }
  return [...most.values()].map((label) => `${label.attribute} ${label.label} ${percent(probability(label), 0)}`);
}

/** How much the texts are about one of some phrases, of which they have all words. */
function textFit(items: number, phrases: readonly (readonly string[])[], texts: Texts): Float32Array {
  const fit = new Float32Array(items);
  for (const phrase of phrases) {
    const has = new Uint8Array(items);
    const sum = new Float32Array(items);
    for (const word of phrase)
      for (const [place, score] of texts.about(word)) {
        has[place] = (has[place] ?? 0) + 1;
        sum[place] = (sum[place] ?? 0) + score;
      }
    // The best is 1, and any that has all words at least a half.
    for (let place = 0; place < items; place++)
      if (has[place] === phrase.length)
        fit[place] = Math.max(fit[place] ?? 0, 0.5 + (0.5 * (sum[place] ?? 0)) / phrase.length);
  }
  return fit;
}

/** The places of the highest scores, the highest first. */
function best(scores: Float32Array, limit: number, minScore: number): number[] {
  const least = Math.max(minScore, scores.slice().sort().at(-limit) ?? 0, Number.MIN_VALUE);
  const places: number[] = [];
  scores.forEach((score, place) => {
    if (score >= least) places.push(place);
  });
  return places.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b).slice(0, limit);
}
