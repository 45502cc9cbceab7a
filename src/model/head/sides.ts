import { splitColumn } from '../../dataset/index.js';
import { PipelineError } from '../../work/index.js';
import type { Item } from '../item.js';
import { groupsOf, heldOutOf, type Identity } from './held-out.js';

/** The two sides of a head's examples. */
interface Sides<T> {
  training: T[];
  heldOut: T[];
}

/** The items of a split: those to learn from, those to measure on (none where that side is missing), and the others. */
export interface GivenSides<T> {
  training: T[];
  validation: T[] | undefined;
  /** Those of other sides, such as `test`: they are not looked at. */
  others: T[];
}

/** The sides that items say themselves in their column `split`; undefined where none of them is on the side `train`. */
export function givenSides<T extends Item>(items: readonly T[]): GivenSides<T> | undefined {
  const on = (side: string) => items.filter((item) => Reflect.get(item, splitColumn) === side);
  const [training, validation] = [on('train'), on('validation')];
  if (training.length === 0) return undefined;
  const used = new Set([...training, ...validation]);
  const others = items.filter((item) => !used.has(item));
  return { training, validation: validation.length > 0 ? validation : undefined, others };
}

/** Divides examples into those to learn from, and those held out; see `heldOutOf`. */
export function divided<T extends Identity>(examples: readonly T[], seen: (image: Identity) => boolean): Sides<T> {
  const held = heldOutOf(examples, seen);
  return { training: examples.filter((_, i) => !held[i]), heldOut: examples.filter((_, i) => held[i]) };
}

/**
 * Both sides as they were given.
 *
 * @throws PipelineError `training.leak` where a validation image belongs together with one that is trained on.
 */
export function apart<T extends Identity>(training: T[], heldOut: T[]): Sides<T> {
  const groups = groupsOf([...training, ...heldOut]);
  const trained = new Set(groups.slice(0, training.length));
  const leaked = heldOut.filter((_, i) => trained.has(groups[training.length + i] ?? ''));
  if (leaked.length === 0) return { training, heldOut };
  const ids = [...new Set(leaked.map(({ id }) => id))];
  throw new PipelineError(
    'training.leak',
    `${leaked.length} of the ${heldOut.length} validation images are trained on as well, or others of the same ` +
      `product or with the same bytes (${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', …' : ''}). Leave those out ` +
      'of either side: the head would look better than it is.',
    { value: ids },
  );
}
