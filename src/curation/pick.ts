import { setImmediate } from 'node:timers/promises';
import type { ProductId } from '../catalogue/index.js';
import { Dataset } from '../dataset/index.js';
import type { Item } from '../model/index.js';
import {
  didYouMean,
  interruptible,
  PipelineError,
  randomFrom,
  type StepOptions,
  startOver,
  Tracker,
} from '../work/index.js';
import { checkScored } from './check-scored.js';
import { some } from './held-out.js';
import { type PickBy, type Way, ways } from './picks/index.js';
import type { Scored } from './scored.js';

/**
 * How some of many items are picked.
 *
 * @example
 * const options: PickOptions = { by: 'balanced', field: 'season', seed: 1 };
 * const picked = await pick(shoes, 100, options);
 */
export interface PickOptions extends StepOptions {
  /**
   * `random`: any. `balanced`: as many of each value of `field`. `diverse`: those whose images cover all others best.
   * `uncertain`: those that the model is least sure of, in the attribute `field` or in any. `typical`: those nearest to
   * the middle, of all or of each value of `field`. The last three take what was scored.
   */
  by: PickBy;
  field?: string | undefined;
  /** What is drawn at random follows from it and the ids alone; default 0. */
  seed?: number | undefined;
}

/**
 * Picks some rows of a data set, or items of a scored one, the first choice first: to look at, to label by hand, to
 * train on less. The same seed picks the same. 1,000 of 40,000 take a few seconds where they are to be diverse.
 *
 * @param n How many; all where there are fewer.
 * @returns A view of the data set, or the scored items with all that was scored of them.
 * @throws PipelineError `pick.badNumber`, `pick.unknownWay`, `pick.badField`, `curation.notScored` where the way takes
 * what was scored, `curation.unknownAttribute`, `cell.interrupted`.
 *
 * @example
 * const scored = await pipeline.score(shoes);
 * const first = await pick(scored, 50, { by: 'uncertain', field: 'articleType' });
 * show.grid(shoes.select(first.items));
 */
export function pick(from: Dataset, n: number, options: PickOptions): Promise<Dataset>;
export function pick<T extends Item>(from: Scored<T>, n: number, options: PickOptions): Promise<Scored<T>>;
export function pick<T extends Item>(
  from: Dataset | Scored<T>,
  n: number,
  options: PickOptions,
): Promise<Dataset | Scored<T>> {
  return interruptible(options, startOver, async (steps) => {
    const way = checkWay(options.by);
    const scored = from instanceof Dataset && !way.scored ? undefined : checked(from);
    const places = await choose(way, from instanceof Dataset ? from.rows : from.items, scored, n, {
      ...options,
      ...steps,
    });
    return from instanceof Dataset ? from.select(places.flatMap((i) => from.rows.slice(i, i + 1))) : some(from, places);
  });
}

function checked<T extends Item>(from: Dataset | Scored<T>): Scored<T> {
  checkScored(from, 'pick', ['items', 'embeddings', 'scores', 'model']);
  return from as Scored<T>;
}

async function choose(
  way: Way,
  items: readonly Item[],
  scored: Scored | undefined,
  n: number,
  { by, field, seed = 0, signal, onProgress }: PickOptions,
): Promise<number[]> {
  if (!(Number.isInteger(n) && n >= 0))
    throw new PipelineError('pick.badNumber', `${n} items cannot be picked; give a whole number.`, { value: n });
  checkField(by, way, field, items);
  const number = Math.min(n, items.length);
  const tracker = new Tracker('pick', 'images', number, onProgress);
  const picked = async (some: number) => {
    tracker.tick(some);
    await setImmediate();
    signal?.throwIfAborted();
  };
  const chosen = await way.pick({ items, scored, n: number, field, drawn: drawnOrder(items, seed), picked });
  tracker.end();
  return chosen;
}

/** The places of the items in an order that follows from the seed and their ids; several of one id are told apart. */
function drawnOrder(items: readonly Item[], seed: number): number[] {
  const seen = new Map<ProductId, number>();
  const draws = items.map(({ id }, place) => {
    const before = seen.get(id) ?? 0;
    seen.set(id, before + 1);
    return { place, draw: randomFrom(seed, 'pick', id, before)() };
  });
  return draws.sort((a, b) => a.draw - b.draw).map(({ place }) => place);
}

function checkWay(by: string): Way {
  if (Object.hasOwn(ways, by)) return ways[by as PickBy];
  const names = Object.keys(ways);
  throw new PipelineError(
    'pick.unknownWay',
    `There is no way '${String(by)}' to pick.${didYouMean(String(by), names)} The ways are ${names.join(', ')}.`,
    { value: by },
  );
}

function checkField(by: string, way: Way, field: string | undefined, items: readonly Item[]): void {
  const fault =
    field === undefined
      ? way.field === 'needed column' && `takes a field: { by: '${by}', field: 'season' }`
      : way.field === undefined
        ? `takes no field, but it is given '${field}'. Leave that out`
        : way.field !== 'attribute' &&
          items.length > 0 &&
          !items.some((item) => Object.hasOwn(item, field)) &&
          `${field}`;
  if (!fault) return;
  const columns = [...new Set(items.flatMap((item) => Object.keys(item)))];
  throw new PipelineError(
    'pick.badField',
    fault === field
      ? `The items have no field '${field}'.${didYouMean(field, columns)} They have ${columns.join(', ')}.`
      : `To pick by '${by}' ${fault}.`,
    { value: field },
  );
}
