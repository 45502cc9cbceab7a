import type { Way } from './way.js';

/** How many items are picked between two turns of other work. */
const atOnce = 20;

/**
 * Those that cover all others best: each next one is the farthest from those picked before (greedy k-centre). No item
 * is then farther from a picked one than twice what the best choice of as many could reach.
 */
export const diverse: Way = {
  scored: true,
  async pick({ items, scored, n, drawn, picked }) {
    if (!scored) return [];
    const { embeddings, dimensions } = scored;
    // The similarity of each item to the nearest that was picked.
    const nearest = new Float32Array(items.length).fill(-2);
    const chosen: number[] = [];
    let next = drawn[0] ?? 0;
    while (chosen.length < n) {
      chosen.push(next);
      const centre = embeddings.slice(next * dimensions, (next + 1) * dimensions);
      nearest[next] = Number.POSITIVE_INFINITY;
      let farthest = next;
      for (let i = 0, at = 0; i < items.length; i++) {
        let sum = 0;
        for (let k = 0; k < dimensions; k++, at++) sum += (embeddings[at] ?? 0) * (centre[k] ?? 0);
        const before = nearest[i] ?? 0;
        const now = Math.max(sum, before);
        nearest[i] = now;
        if (now < (nearest[farthest] ?? 0)) farthest = i;
      }
      next = farthest;
      if (chosen.length % atOnce === 0) await picked(atOnce);
    }
    return chosen;
  },
};
