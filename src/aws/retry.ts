import { setTimeout as sleep } from 'node:timers/promises';
import { PipelineError } from '../work/index.js';

const attempts = 10;

/**
 * Sends items until none comes back unprocessed, waiting longer each time (exponential backoff with full jitter, 50 ms
 * doubling to 5 s).
 *
 * @throws PipelineError `aws.throttled` where some are still unprocessed after 10 attempts.
 * @see
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html#Programming.Errors.BatchOperations
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
