import type { ProductId } from '../catalogue/index.js';
import { type Item, unit } from '../model/index.js';
import { PipelineError } from '../work/index.js';
import { checkScored } from './check-scored.js';
import { type Embedded, embeddingOf } from './embedded.js';

/** An item, and how similar its image is to another. */
export interface Similar<T extends Item = Item> {
  item: T;
  /** The cosine of their embeddings, at most 1. */
  similarity: number;
}

/**
 * Finds the items whose images are most similar to that of one item, or to an embedding, the most similar first. It
 * takes about 50 ms for 40,000 items.
 *
 * @param to - The id of one of the items, which is left out itself; or an embedding of the same model, of any length.
 * @param limit - How many items at most (default 10).
 * @throws PipelineError `curation.noItems` where there are no items, `curation.unknownItem` where none has the id,
 * `curation.badEmbedding` where the embedding has other dimensions than those of the items,
 * `curation.notScored` where it is given a data set that was not scored.
 *
 * @example
 * const scored = await score(model, shoes.rows, { data: (row) => shoes.image(row) });
 * for (const { item, similarity } of similar(scored, 15970, { limit: 5 })) console.log(item.id, similarity);
 */
export function similar<T extends Item>(
  embedded: Embedded<T>,
  to: ProductId | Float32Array,
  { limit = 10 }: { limit?: number } = {},
): Similar<T>[] {
  checkScored(embedded, 'similar', ['items', 'embeddings']);
  const { items, embeddings, dimensions } = embedded;
  if (items.length === 0)
    throw new PipelineError('curation.noItems', 'There are no items to look among. Score some first.', {
      value: items,
    });
  const { vector, index } = to instanceof Float32Array ? { vector: unit(to), index: -1 } : embeddingOf(embedded, to);
  if (vector.length !== dimensions) {
    throw new PipelineError(
      'curation.badEmbedding',
      `The embedding has ${vector.length} numbers, those of the items ${dimensions}. Take it from the same model.`,
      { value: to },
    );
  }
  const similarities = Float32Array.from(items, (_, i) => {
    let sum = 0;
    for (let k = 0, at = i * dimensions; k < dimensions; k++, at++) sum += (embeddings[at] ?? 0) * (vector[k] ?? 0);
    return Math.min(1, sum);
  });
  const similarityOf = (i: number) => similarities[i] ?? 0;
  const order = Uint32Array.from(items.keys()).sort((a, b) => similarityOf(b) - similarityOf(a) || a - b);
  const found = [...order.subarray(0, limit + 1)].filter((i) => i !== index).slice(0, limit);
  return found.flatMap((i) => items.slice(i, i + 1).map((item) => ({ item, similarity: similarityOf(i) })));
}
