import type { Product } from '../../catalogue/index.js';
import type { Attribute } from '../attributes.js';
import type { Example, Head } from './examples.js';

/** Something that the net learns to predict. */
export interface Task {
  name: string;
  labels: readonly string[];
  /** Its weight in the loss. */
  weight: number;
  /** The labels of a product, which share its probability; empty if it has no value. */
  labelsOf: (product: Product) => readonly string[];
}

/** Article types are the hardest to predict and the most useful; master categories follow from them. */
const weights: Partial<Record<Attribute, number>> = { articleType: 2, masterCategory: 0.5 };

/** The tasks of a training: the model's heads in their order, then the auxiliary ones. */
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
 * Auxiliary tasks, which make the features better and are dropped after the training: the collection of a product (what
 * a season looks like changes with the year), and the words of its title (brand, pattern, cut), as Joulin et al. 2016
 * (https://arxiv.org/abs/1511.02251) learn from captions.
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

/** The labels that at least `least` examples have, sorted. */
function frequent(examples: readonly Example[], labelsOf: Task['labelsOf'], least: number): string[] {
  const counts = new Map<string, number>();
  for (const { product } of examples)
    for (const label of labelsOf(product)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].flatMap(([label, count]) => (count >= least ? [label] : [])).sort();
}
