import { setTimeout as sleep } from 'node:timers/promises';
import { PipelineError } from '../work/index.js';

const attempts = 10;

/**
 * Sends items, and again those that come back unprocessed, until there are none. Waits longer before each attempt:
 * exponential back-off with full jitter, from 50 ms doubling to 5 s.
 *
 * @param send Sends a batch and returns what of it was not processed.
 * @throws PipelineError `aws.throttled` where some items are still unprocessed after 10 attempts.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html (Batch operations)
 */
export async function retryUnprocessed<T>(
  items: readonly T[],
  send: (items: readonly T[]) => Promise<readonly T[]>,
  signal?: AbortSignal,
): Promise<void> {
  let left = items;
  for (let attempt = 0; left.length > 0; attempt++) {
    if (attempt === attempts) {
      throw new PipelineError(
        'aws.throttled',
        `AWS left ${left.length} items unprocessed after ${attempts} attempts: it throttles. Try again ` +
          'later; what was done is kept.',
        { value: left.length },
      );
    }
    if (attempt > 0) await sleep(Math.random() * Math.min(5000, 50 * 2 ** attempt), undefined, { signal });
    left = await send(left);
  }
}
