import { setImmediate } from 'node:timers/promises';
import { type Item, useBackend } from '../model/index.js';
import { DisjointSets, interruptible, type StepOptions, startOver, Tracker } from '../work/index.js';
import { checkScored } from './check-scored.js';
import type { Embedded } from './embedded.js';

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
const defaultMinSimilarity = 0.999;

/** The items on each side of the matrix of similarities that is computed at a time, 4 MB. */
const block = 1000;

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
  { items, embeddings, dimensions }: Embedded<T>,
  { minSimilarity = defaultMinSimilarity, signal, onProgress }: NearDuplicatesOptions,
): Promise<DuplicateGroup<T>[]> {
  const total = items.length;
  const links = linked(total);
  await useBackend();
  const tf = await import('@tensorflow/tfjs');
  const rowsFrom = (from: number) =>
    tf.tensor2d(embeddings.subarray(from * dimensions, (from + block) * dimensions), [
      Math.min(block, total - from),
      dimensions,
    ]);
  const tracker = new Tracker('compare', 'pairs', (total * (total - 1)) / 2, onProgress);
  for (let top = 0; top < total; top += block) {
    for (let left = top; left < total; left += block) {
      // Interrupts and other work get their turn here.
      await setImmediate();
      signal?.throwIfAborted();
      const height = Math.min(block, total - top);
      const width = Math.min(block, total - left);
      // The fast product of the wasm backend does not take transposed operands.
      const tensor = tf.tidy(() => tf.matMul(rowsFrom(top), tf.transpose(rowsFrom(left))));
      const products = tensor.dataSync<'float32'>();
      tensor.dispose();
      for (let row = 0; row < height; row++) {
        for (let column = top === left ? row + 1 : 0; column < width; column++) {
          const similarity = products[row * width + column] ?? 0;
          if (similarity >= minSimilarity) links.link(top + row, left + column, Math.min(1, similarity));
        }
      }
      tracker.tick(top === left ? (height * (height - 1)) / 2 : height * width);
    }
  }
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
