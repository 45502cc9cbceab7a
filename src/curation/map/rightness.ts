import type { Item } from '../../model/index.js';
import { attributesNamed } from '../attributes.js';
import { checkScored } from '../check-scored.js';
import { decisionsOf } from '../decisions.js';
import type { Scored } from '../scored.js';

/**
 * Whether the model predicts each item's own label of an attribute, of which several may hold at once: then all of
 * them. Undefined where the item has none.
 *
 * @throws PipelineError `curation.notScored`, `curation.unknownAttribute`.
 */
export function rightness<T extends Item>(scored: Scored<T>, attribute: string): (boolean | undefined)[] {
  checkScored(scored, 'rightness', ['model', 'items', 'scores']);
  const decisions = decisionsOf(scored, attributesNamed(scored.model.attributes, [attribute]));
  return scored.items.map((_, i) => {
    const known = decisions.filter(({ given }) => given[i] !== undefined);
    if (known.length === 0) return undefined;
    return known.every(({ labels, given, scores }) => {
      const row = scores.subarray(i * labels.length, (i + 1) * labels.length);
      return labels[row.indexOf(row.reduce((a, b) => Math.max(a, b), 0))] === given[i];
    });
  });
}
