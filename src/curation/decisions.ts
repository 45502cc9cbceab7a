import { type Item, labelOf, labelsOf } from '../model/index.js';
import type { Scored } from './scored.js';

/** What a model decides for each item: one of some labels, which the item may have itself. */
export interface Decision {
  name: string;
  labels: readonly string[];
  /** The items' own labels; undefined for blanks. */
  given: readonly (string | undefined)[];
  /** The probabilities of the labels, [items, labels]. */
  scores: Float32Array;
}

/**
 * The decisions of a model for some of its attributes. Where several labels may hold at once, each label is a decision
 * of its own, between `no` and `yes`, with the name `attribute: label`.
 */
export function decisionsOf<T extends Item>(
  { items, scores }: Pick<Scored<T>, 'items' | 'scores'>,
  attributes: Scored['model']['attributes'],
): Decision[] {
  return attributes.flatMap(({ name, labels, multiple }): Decision[] => {
    const all = scores[name] ?? new Float32Array();
    if (!multiple) return [{ name, labels, given: items.map((item) => labelOf(item, name)), scores: all }];
    const sets = items.map((item) => labelsOf(item, name, labels));
    return labels.map((label, column) => ({
      name: `${name}: ${label}`,
      labels: ['no', 'yes'],
      given: sets.map((set) => set && (set.includes(label) ? 'yes' : 'no')),
      scores: Float32Array.from({ length: items.length * 2 }, (_, i) => {
        const probability = all[(i >> 1) * labels.length + column] ?? 0;
        return i % 2 === 0 ? 1 - probability : probability;
      }),
    }));
  });
}
