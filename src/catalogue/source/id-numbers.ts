import type { ProductId } from '../id.js';

const pageSize = 64;

/**
 * A number for each product id, 0 where none was set, at 8 bytes a product: 10 million products take 80 MB, where a Map
 * would take ten times as much. Sparse ids cost a page of 64 numbers each.
 */
export class IdNumbers {
  readonly #pages = new Map<number, Float64Array>();

  get(id: ProductId): number {
    return this.#pages.get(Math.floor(id / pageSize))?.[id % pageSize] ?? 0;
  }

  set(id: ProductId, value: number): void {
    const key = Math.floor(id / pageSize);
    let page = this.#pages.get(key);
    if (!page) this.#pages.set(key, (page = new Float64Array(pageSize)));
    page[id % pageSize] = value;
  }

  has(id: ProductId): boolean {
    return this.get(id) !== 0;
  }
}
