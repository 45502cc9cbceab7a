import { attributesNamed } from '../attributes.js';
import { decisionsOf } from '../decisions.js';
import type { Way } from './way.js';

/**
 * Those that the model is least sure of, by an attribute or by the one it is least sure of: the smallest difference
 * between its two most probable labels first.
 */
export const uncertain: Way = {
  scored: true,
  field: 'attribute',
  pick({ items, scored, field, n, drawn }) {
    if (!scored) return [];
    const known = scored.model.attributes;
    const margins = new Float32Array(items.length).fill(1);
    for (const { labels, scores } of decisionsOf(scored, field === undefined ? known : attributesNamed(known, [field])))
      for (let i = 0; i < items.length; i++) {
        const [first = 0, second = 0] = scores.slice(i * labels.length, (i + 1) * labels.length).sort((a, b) => b - a);
        margins[i] = Math.min(margins[i] ?? 1, first - second);
      }
    return [...drawn].sort((a, b) => (margins[a] ?? 1) - (margins[b] ?? 1)).slice(0, n);
  },
};
