import type { ProductId } from '../catalogue/index.js';
import type { Item } from '../model/index.js';
import { PipelineError } from '../work/index.js';

/** Items with a vector each that says what their image shows: like images, near vectors. A `Scored` is one. */
export interface Embedded<T extends Item = Item> {
  items: readonly T[];
  /** [items, dimensions], each vector of length 1: their products are cosine similarities. */
  embeddings: Float32Array;
  dimensions: number;
}

/**
 * The vector of the item of that id, and its index.
 *
 * @throws PipelineError `curation.unknownItem`.
 */
export function embeddingOf(
  { items, embeddings, dimensions }: Embedded,
  id: ProductId,
): { vector: Float32Array; index: number } {
  const index = items.findIndex((item) => item.id === id);
  if (index < 0) {
    throw new PipelineError(
      'curation.unknownItem',
      `None of the ${items.length} items has the id ${id}. Give the id of one of them, or an embedding.`,
      { value: id },
    );
  }
  return { vector: embeddings.subarray(index * dimensions, (index + 1) * dimensions), index };
}
