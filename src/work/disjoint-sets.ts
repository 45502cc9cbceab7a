import { grouped } from './grouped.js';

/** Sets of the indices below a number, each alone at first, that are joined two by two (union-find). */
export class DisjointSets {
  readonly #parents: Uint32Array;

  constructor(readonly total: number) {
    this.#parents = Uint32Array.from({ length: total }, (_, i) => i);
  }

  /** The index that stands for the set of this one. */
  rootOf(i: number): number {
    const parents = this.#parents;
    let root = i;
    for (let parent = parents[root] ?? root; parent !== root; parent = parents[root] ?? root) {
      parents[root] = parents[parent] ?? parent;
      root = parent;
    }
    return root;
  }

  /** Joins the sets of two indices; the root of the first stands for both. */
  join(a: number, b: number): void {
    this.#parents[this.rootOf(b)] = this.rootOf(a);
  }

  /** The members of each set by its root, in order. */
  sets(): Map<number, number[]> {
    return grouped(this.#parents.keys(), (i) => this.rootOf(i));
  }
}
