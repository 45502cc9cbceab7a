import { labelOf, unit } from '../../model/index.js';
import { evenly } from './classes.js';
import type { Way } from './way.js';

/** Those nearest to the middle of all, or as many of each value of a field, nearest to the middle of theirs. */
export const typical: Way = {
  scored: true,
  field: 'column',
  pick({ items, scored, field, n, drawn }) {
    if (!scored) return [];
    const { embeddings, dimensions } = scored;
    const classOf = (place: number) => (field === undefined ? '' : (labelOf(items[place] ?? {}, field) ?? undefined));
    const places = drawn.filter((place) => classOf(place) !== undefined);
    const middles = new Map<string, Float32Array>();
    const vector = (place: number) => embeddings.subarray(place * dimensions, (place + 1) * dimensions);
    for (const place of places) {
      const name = classOf(place) ?? '';
      const middle = middles.get(name) ?? new Float32Array(dimensions);
      vector(place).forEach((value, k) => {
        middle[k] = (middle[k] ?? 0) + value;
      });
      middles.set(name, middle);
    }
    const units = new Map([...middles].map(([name, sum]) => [name, unit(sum)]));
    const nearness = new Float32Array(items.length);
    for (const place of places) {
      const middle = units.get(classOf(place) ?? '');
      nearness[place] = vector(place).reduce((sum, value, k) => sum + value * (middle?.[k] ?? 0), 0);
    }
    const nearest = places.sort((a, b) => (nearness[b] ?? 0) - (nearness[a] ?? 0));
    return evenly(nearest, (place) => classOf(place) ?? '', n);
  },
};
