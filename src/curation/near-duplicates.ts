import type { Item } from '../model/index.js';
import { DisjointSets, interruptible, type StepOptions, startOver, Tracker } from '../work/index.js';
import { checkScored } from './check-scored.js';
import type { Embedded } from './embedded.js';
import { similarPairs } from './similarities.js';

/** Items whose images look the same. */
export interface DuplicateGroup<T extends Item = Item> {
  /** Two or more, in their original order. */
  items: readonly T[];
  /** The least and the greatest similarity (cosine) of the pairs that made the group. */
  lowest: number;
  highest: number;
}

/** When two images count as the same. */
export interface NearDuplicatesOptions extends StepOptions {
  /** Two images count as the same if the cosine of their embeddings is this or more (default 0.999). */
  minSimilarity?: number | undefined;
}

/** Chosen by looking at groups of the real catalogue. It depends on the embedding: check it when the model changes. */
export const defaultMinSimilarity = 0.999;

/**
 * Groups the items whose images look the same, the largest group first. All pairs are compared, and pairs that share an
 * item are joined (single linkage). Memory does not grow with the number of pairs. 40,000 items take about 20 s on the
 * tensorflow backend, a minute on wasm.
 *
 * @throws PipelineError `curation.notScored` where it is given a data set that was not scored.
 * @throws The reason of `signal` where it aborts; in a notebook cell PipelineError `cell.interrupted`.
 *
 * @example
 * const scored = await score(model, shoes.rows, { data: (row) => shoes.image(row) });
 * for (const { items, lowest } of await nearDuplicates(scored)) console.log(lowest, items.map(({ id }) => id));
 */
export function nearDuplicates<T extends Item>(
  embedded: Embedded<T>,
  options: NearDuplicatesOptions = {},
): Promise<DuplicateGroup<T>[]> {
  return interruptible(options, startOver, (steps) => {
    checkScored(embedded, 'nearDuplicates', ['items', 'embeddings']);
    return groupsOf(embedded, { ...options, ...steps });
  });
}

async function groupsOf<T extends Item>(
  embedded: Embedded<T>,
  { minSimilarity = defaultMinSimilarity, signal, onProgress }: NearDuplicatesOptions,
): Promise<DuplicateGroup<T>[]> {
  const { items } = embedded;
  const links = linked(items.length);
  const tracker = new Tracker('compare', 'pairs', (items.length * (items.length - 1)) / 2, onProgress);
  await similarPairs(embedded, undefined, minSimilarity, links.link, { signal, done: (pairs) => tracker.tick(pairs) });
  tracker.end();
  return links
    .groups()
    .map(({ members, ...range }) => ({ items: members.flatMap((i) => items.slice(i, i + 1)), ...range }))
    .sort((a, b) => b.items.length - a.items.length || b.lowest - a.lowest);
}

/** Sets of items that links join, with the range of the similarities that linked each. */
function linked(total: number) {
  const sets = new DisjointSets(total);
  const lowest = new Float32Array(total).fill(1);
  const highest = new Float32Array(total).fill(-1);
  return {
    link(a: number, b: number, similarity: number): void {
      const [root, other] = [sets.rootOf(a), sets.rootOf(b)];
      sets.join(root, other);
      lowest[root] = Math.min(similarity, lowest[root] ?? 1, lowest[other] ?? 1);
      highest[root] = Math.max(similarity, highest[root] ?? -1, highest[other] ?? -1);
    },
    /** The groups with two or more members. */
    groups(): { members: number[]; lowest: number; highest: number }[] {
      return [...sets.sets()]
        .filter(([, group]) => group.length > 1)
        .map(([root, group]) => ({ members: group, lowest: lowest[root] ?? 0, highest: highest[root] ?? 0 }));
    },
  };
}
