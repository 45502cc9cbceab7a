import { setMaxListeners } from 'node:events';
import pMap, { pMapSkip } from 'p-map';

/** What a map returns to leave its item out of the results of `concurrently`. */
export const skip = Symbol('skip');

export interface ConcurrentOptions {
  /** The most items that are in work at a time. */
  concurrency: number;
  signal?: AbortSignal | undefined;
}

/**
 * Maps items, at most `concurrency` at a time, and returns the results in the order of the items. It is p-map with a
 * signal that may be undefined; a map that returns `skip` leaves its item out of the results.
 */
export function concurrently<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  map: (item: T, index: number) => Promise<R | typeof skip>,
  { concurrency, signal }: ConcurrentOptions,
): Promise<R[]> {
  const mapped = async (item: T, index: number): Promise<R | typeof pMapSkip> => {
    const result = await map(item, index);
    return result === skip ? pMapSkip : result;
  };
  const options = { concurrency, ...(signal && { signal: shared(signal) }) };
  return pMap<T, R | typeof pMapSkip>(items, mapped, options) as Promise<R[]>;
}

/** Every request in flight listens to its signal: this turns off Node's warning at more than ten listeners. */
export function shared<S extends AbortSignal | undefined>(signal: S): S {
  if (signal) setMaxListeners(0, signal);
  return signal;
}
