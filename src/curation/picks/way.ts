import type { Item } from '../../model/index.js';
import type { Scored } from '../scored.js';

/** What a pick chooses from. */
export interface Choice {
  items: readonly Item[];
  /** With predictions and embeddings, where the items were scored. */
  scored: Scored | undefined;
  /** How many are to be picked, as many as there are at most. */
  n: number;
  /** A column of the items, or an attribute of the model. */
  field: string | undefined;
  /** The items' places in an order that follows from the seed and the ids alone. */
  drawn: readonly number[];
  /** Called with the number of items that were picked since; ends the pick where it was interrupted. */
  picked(number: number): Promise<void>;
}

/** A way to pick some of many items. */
export interface Way {
  /** Whether it needs what a model says of the items. */
  scored?: true;
  /** What `field` names, if it takes one: a column of the items, which may be needed, or an attribute of the model. */
  field?: 'needed column' | 'column' | 'attribute';
  /** The places of the items that are picked, the first first. */
  pick(choice: Choice): number[] | Promise<number[]>;
}
