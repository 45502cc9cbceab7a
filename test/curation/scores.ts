import type { Scored } from '../../src/curation/index.js';
import type { Item } from '../../src/model/index.js';

/** What a model with one attribute, `season`, would say: a row of probabilities and a unit vector for each item. */
export function scoredOf<T extends Item>(
  items: readonly T[],
  rows: readonly (readonly number[])[],
  labels = ['Summer', 'Winter', 'Fall'],
): Scored<T> {
  const predictions = rows.map((row) => {
    const confidence = Math.max(...row);
    return { season: { label: labels[row.indexOf(confidence)] ?? '', confidence } };
  });
  return {
    model: { name: 'test', fingerprint: '0', attributes: [{ name: 'season', labels }] },
    items,
    md5s: items.map(({ id }) => `md5 of ${id}`),
    predictions,
    scores: { season: Float32Array.from(rows.flat()) },
    embeddings: new Float32Array(items.length * 2),
    lengths: new Float32Array(items.length).fill(1),
    dimensions: 2,
    failures: [],
  };
}
