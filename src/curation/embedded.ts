import type { ProductId } from '../catalogue/index.js';
import type { Item } from '../model/index.js';
import { PipelineError, plural } from '../work/index.js';

/** Items with an embedding each, a vector that is near those of similar images. A `Scored` is one. */
export interface Embedded<T extends Item = Item> {
  items: readonly T[];
  /** [items, dimensions], each vector of length 1, so that the dot product of two is their cosine similarity. */
  embeddings: Float32Array;
  dimensions: number;
}

/**
 * The embedding of the item with this id, and the item's index.
 *
 * @throws PipelineError `curation.unknownItem` where there is no such item.
 */
export function embeddingOf(
  { items, embeddings, dimensions }: Embedded,
  id: ProductId,
): { vector: Float32Array; index: number } {
  const index = items.findIndex((item) => item.id === id);
  if (index < 0) {
    throw new PipelineError(
      'curation.unknownItem',
      `None of the ${plural(items.length, 'item')} has the id ${id}. Give the id of one of them, or an embedding.`,
      { value: id },
    );
  }
  return { vector: embeddings.subarray(index * dimensions, (index + 1) * dimensions), index };
}
