import type { Item } from '../../model/index.js';
import { type StepOptions, Tracker } from '../../work/index.js';
import type { Embedded } from '../embedded.js';
import { similarPairs } from '../similarities.js';
import type { EmbeddingDrift } from './result.js';

/** So many images before say how similar the nearest other one usually is. */
const sampled = 1000;

/** The share of images that are stranger than the strangest of this share before. */
const usualShare = 0.01;

/** How far the images of two data sets are apart, and those after that are least like any before. */
export async function imagesOf<T extends Item>(
  before: Embedded<T>,
  after: Embedded<T>,
  { limit, signal, onProgress }: StepOptions & { limit: number },
): Promise<EmbeddingDrift<T>> {
  const every = Math.max(1, Math.floor(before.items.length / sampled));
  const places = [...before.items.keys()].filter((place) => place % every === 0);
  const sample = vectorsAt(before, places);
  const pairs = (places.length + after.items.length) * before.items.length;
  const tracker = new Tracker('compare', 'pairs', pairs, onProgress);
  const steps = { signal, done: (pairs: number) => tracker.tick(pairs) };
  const own = await nearestOf(sample, before, steps, places);
  const nearest = await nearestOf(after, before, steps);
  tracker.end();
  const usual = own.similarities.slice().sort()[Math.floor(usualShare * places.length)] ?? 0;
  const similarity = (place: number) => nearest.similarities[place] ?? 0;
  const order = [...after.items.keys()].sort((a, b) => similarity(a) - similarity(b) || a - b);
  return {
    means: cosine(meanOf(before), meanOf(after)),
    usual,
    strange: order.filter((place) => similarity(place) < usual).length / after.items.length,
    strangest: order.slice(0, limit).flatMap((place) => {
      const [item, like] = [after.items[place], before.items[nearest.places[place] ?? 0]];
      return item && like ? [{ item, similarity: similarity(place), like }] : [];
    }),
  };
}

type Vectors = Pick<Embedded, 'embeddings' | 'dimensions'>;

/**
 * For each of some vectors the other one that it is most similar to, by place, and how similar they are.
 *
 * @param but The place among the others that each has itself, which does not count.
 */
async function nearestOf(
  own: Vectors,
  others: Vectors,
  steps: Parameters<typeof similarPairs>[4],
  but?: readonly number[],
): Promise<{ similarities: Float32Array; places: Uint32Array }> {
  const number = own.embeddings.length / Math.max(1, own.dimensions);
  const similarities = new Float32Array(number).fill(-1);
  const places = new Uint32Array(number);
  const note = (place: number, other: number, similarity: number) => {
    if (similarity <= (similarities[place] ?? 1) || but?.[place] === other) return;
    similarities[place] = similarity;
    places[place] = other;
  };
  await similarPairs(own, others, -1, note, steps);
  return { similarities, places };
}

function vectorsAt({ embeddings, dimensions }: Embedded, places: readonly number[]): Vectors {
  const own = new Float32Array(places.length * dimensions);
  places.forEach((from, to) =>
    own.set(embeddings.subarray(from * dimensions, (from + 1) * dimensions), to * dimensions),
  );
  return { embeddings: own, dimensions };
}

function meanOf({ items, embeddings, dimensions }: Embedded): Float64Array {
  const sum = new Float64Array(dimensions);
  embeddings.forEach((value, at) => {
    sum[at % dimensions] = (sum[at % dimensions] ?? 0) + value / items.length;
  });
  return sum;
}

function cosine(a: Float64Array, b: Float64Array): number {
  const dot = a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b) || 1);
}
