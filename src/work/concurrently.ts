import { setMaxListeners } from 'node:events';
import pMap, { pMapSkip } from 'p-map';

export { pMapSkip as skip };

export interface ConcurrentOptions {
  /** How many run at a time. */
  concurrency: number;
  signal?: AbortSignal | undefined;
}

/**
 * p-map with a signal that may be absent: maps items with a bound on how many run at a time, in the order of the items.
 */
export function concurrently<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  map: (item: T, index: number) => Promise<R | typeof pMapSkip>,
  { concurrency, signal }: ConcurrentOptions,
) {
  return pMap<T, R | typeof pMapSkip>(items, map, { concurrency, ...(signal && { signal: shared(signal) }) });
}

/** Each request in flight listens to its signal; more than ten are no leak here. */
export function shared<S extends AbortSignal | undefined>(signal: S): S {
  if (signal) setMaxListeners(0, signal);
  return signal;
}
