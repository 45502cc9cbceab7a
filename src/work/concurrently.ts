import { setMaxListeners } from 'node:events';
import pMap, { pMapSkip } from 'p-map';

export { pMapSkip as skip };

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
  map: (item: T, index: number) => Promise<R | typeof pMapSkip>,
  { concurrency, signal }: ConcurrentOptions,
) {
  return pMap<T, R | typeof pMapSkip>(items, map, { concurrency, ...(signal && { signal: shared(signal) }) });
}

/** Every request in flight listens to its signal: this turns off Node's warning at more than ten listeners. */
export function shared<S extends AbortSignal | undefined>(signal: S): S {
  if (signal) setMaxListeners(0, signal);
  return signal;
}
