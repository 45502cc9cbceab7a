import { setTimeout as sleep } from 'node:timers/promises';
import { PipelineError, plural } from '../work/index.js';
import { isThrottled } from './errors.js';

/** Milliseconds: the first pause, the longest, and all pauses in which not one item went through. */
const pauses = { first: 50, longest: 20_000, withoutProgress: 5 * 60_000 };

/**
 * Sends items, and again those that come back unprocessed, until there are none. Waits longer before each attempt:
 * exponential back-off with jitter, from 50 ms doubling to 20 s; half as long again where some went through. So it
 * becomes as slow as AWS wants it to be, and goes on.
 *
 * @param send Sends a batch and returns what of it was not processed.
 * @throws PipelineError `aws.throttled` where nothing went through in five minutes of pauses.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html (Batch operations)
 */
export async function retryUnprocessed<T>(
  items: readonly T[],
  send: (items: readonly T[]) => Promise<readonly T[]>,
  signal?: AbortSignal,
): Promise<void> {
  // Where the whole of a batch is too much, AWS refuses the request.
  const sendSome = async (some: readonly T[]): Promise<readonly T[]> => {
    try {
      return await send(some);
    } catch (error) {
      if (isThrottled(error)) return some;
      throw error;
    }
  };
  let left = items;
  let pause = pauses.first;
  let waited = 0;
  while (left.length > 0) {
    const before = left.length;
    left = await sendSome(left);
    if (left.length === 0) return;
    const progress = left.length < before;
    if (progress) waited = 0;
    if (waited >= pauses.withoutProgress) {
      throw new PipelineError(
        'aws.throttled',
        `AWS left ${plural(left.length, 'item')} unprocessed for ${pauses.withoutProgress / 60_000} minutes: it ` +
          'throttles. Try again later; what was done is kept.',
        { value: left.length },
      );
    }
    pause = progress ? Math.max(pauses.first, pause / 2) : Math.min(pauses.longest, 2 * pause);
    // Between half and the whole of the pause: several callers must not come back at once.
    const wait = pause * (0.5 + Math.random() / 2);
    waited += wait;
    await sleep(wait, undefined, { signal });
  }
}
