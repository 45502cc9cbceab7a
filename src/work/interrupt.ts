import { setImmediate } from 'node:timers/promises';
import { shared } from './concurrently.js';
import { PipelineError } from './errors.js';
import { count } from './format.js';
import type { OnProgress, Progress } from './progress.js';

/** The options of everything that takes long. */
export interface StepOptions {
  /** Stops the work; default: in a notebook, the stop button of the cell. */
  signal?: AbortSignal | undefined;
  /** Called with the progress: at the start, at most every 100 ms, and at the end. */
  onProgress?: OnProgress | undefined;
}

/** The work that an interrupt would stop now; each promise settles when its work has ended. */
export const underWay = new Set<Promise<unknown>>();

let cellSignal: () => AbortSignal | undefined = () => undefined;

/** What to do after an interrupt of work that keeps nothing. */
export const startOver = 'Run the cell again to start over.';

/** Sets where interrupts come from: in a notebook, the signal of the cell that runs. */
export function interruptBy(signal: () => AbortSignal): void {
  cellSignal = signal;
}

/**
 * Runs work so that the interrupt of its cell stops it, unless the caller passed a signal. `remedy` ends the message of
 * the interrupt: a sentence that says how to continue.
 *
 * @throws PipelineError `cell.interrupted`, which says how far the work came; whatever the work throws.
 */
export async function interruptible<T>(
  { signal: own, onProgress }: StepOptions,
  remedy: string,
  work: (options: StepOptions) => Promise<T>,
): Promise<T> {
  const signal = shared(own ?? cellSignal());
  if (own || signal === undefined) return work({ signal, onProgress });
  if (signal.aborted) throw interrupted('', remedy);
  let last: Progress | undefined;
  const running = work({
    signal,
    onProgress: (progress) => {
      last = progress;
      onProgress?.(progress);
    },
  });
  underWay.add(running);
  try {
    return await running;
  } catch (cause) {
    throw signal.aborted ? interrupted(last ? `${amountDone(last)} (${last.stage})` : '', remedy, cause) : cause;
  } finally {
    underWay.delete(running);
  }
}

/**
 * The same for work that yields items one by one; `unit` names them in the plural: `products`.
 *
 * @throws PipelineError `cell.interrupted`
 */
export async function* interruptibleItems<T>(
  own: AbortSignal | undefined,
  unit: string,
  remedy: string,
  work: (signal: AbortSignal | undefined) => AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T, void, undefined> {
  const signal = shared(own ?? cellSignal());
  if (own || signal === undefined) {
    yield* work(signal);
    return;
  }
  let done = 0;
  let end = () => {};
  const running = new Promise<void>((resolve) => {
    end = resolve;
  });
  underWay.add(running);
  // What a loop does with an item may take long: it is given half a second to come back for the next one.
  let isOut = false;
  const endSoon = () => {
    if (isOut) setTimeout(end, 500);
  };
  signal.addEventListener('abort', endSoon);
  try {
    signal.throwIfAborted();
    let heardAt = performance.now();
    for await (const item of work(signal)) {
      signal.throwIfAborted();
      done++;
      isOut = true;
      yield item;
      isOut = false;
      // A loop that only computes would hear of no interrupt, and nothing it shows would be sent.
      if (performance.now() - heardAt > 50) {
        await setImmediate();
        heardAt = performance.now();
      }
    }
  } catch (cause) {
    throw signal.aborted ? interrupted(`${count(done)} ${unit}`, remedy, cause) : cause;
  } finally {
    signal.removeEventListener('abort', endSoon);
    underWay.delete(running);
    end();
  }
}

const amountDone = ({ done, total, unit }: Progress): string =>
  `${count(done)}${total === undefined ? '' : ` of ${count(total)}`} ${unit}`;

const interrupted = (after: string, remedy: string, cause?: unknown): PipelineError =>
  new PipelineError('cell.interrupted', `Stopped${after && ` after ${after}`}. ${remedy}`, { cause });
