import type { Product } from '../../catalogue/index.js';
import type { Attribute } from '../attributes.js';
import type { Example, Head } from './examples.js';

/** What the net learns to tell of an image. */
export interface Task {
  name: string;
  labels: readonly string[];
  /** How much it counts in the loss. */
  weight: number;
  /** The labels of a product, which share its probability; none where it has no value. */
  labelsOf: (product: Product) => readonly string[];
}

/** Article types are the hardest and the most wanted, master categories come by the way. */
const weights: Partial<Record<Attribute, number>> = { articleType: 2, masterCategory: 0.5 };

/** The model's heads, first and in their order, then what is learnt beside them. */
export function tasksOf(heads: readonly Head[], examples: readonly Example[], auxiliaryWeight: number): Task[] {
  const own = heads.map(
    ({ name, labels }): Task => ({
      name,
      labels,
      weight: weights[name] ?? 1,
      labelsOf: ({ [name]: label }) => (label === undefined ? [] : [label]),
    }),
  );
  return auxiliaryWeight === 0
    ? own
    : [
        ...own,
        ...auxiliary.map(({ name, least, labelsOf }) => ({
          name,
          labels: frequent(examples, labelsOf, least),
          weight: auxiliaryWeight,
          labelsOf,
        })),
      ];
}

/**
 * Thrown away after the training, they make the features better: which collection a product is of (what a season looks
 * like changes with the year), and the words of its title (brand, pattern, cut), as images are taught by their captions
 * (Joulin et al. 2016, https://arxiv.org/abs/1511.02251).
 */
const auxiliary: readonly (Pick<Task, 'name' | 'labelsOf'> & { least: number })[] = [
  {
    name: 'collection',
    least: 30,
    labelsOf: ({ season, year }) => (season === undefined || year === undefined ? [] : [`${season} ${year}`]),
  },
  {
    name: 'title',
    least: 30,
    labelsOf: ({ productDisplayName = '' }) => [...new Set(productDisplayName.toLowerCase().match(/[a-z]+/g))],
  },
];

/** The labels that at least so many examples have, sorted. */
function frequent(examples: readonly Example[], labelsOf: Task['labelsOf'], least: number): string[] {
  const counts = new Map<string, number>();
  for (const { product } of examples)
    for (const label of labelsOf(product)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].flatMap(([label, count]) => (count >= least ? [label] : [])).sort();
}
