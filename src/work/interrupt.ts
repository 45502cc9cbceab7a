import { shared } from './concurrently.js';
import { PipelineError } from './errors.js';
import { count } from './format.js';
import type { OnProgress, Progress } from './progress.js';

/** What long work takes from whoever starts it. */
export interface StepOptions {
  /** Stops it; default: in a notebook, the interrupt of the cell. */
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
}

/** What is being done and would be stopped by an interrupt; each settles when it has ended. */
export const underWay = new Set<Promise<unknown>>();

let signalOfCell: () => AbortSignal | undefined = () => undefined;

/** Says where interrupts come from: the notebook does, for its cells. */
export function interruptBy(signal: () => AbortSignal): void {
  signalOfCell = signal;
}

/**
 * Does work that the interrupt of a cell stops, unless it has a signal of its own. `goOn` is what to do then.
 *
 * @throws PipelineError `cell.interrupted`, which says how far the work has come; whatever the work throws.
 */
export async function interruptible<T>(
  { signal: own, onProgress }: StepOptions,
  goOn: string,
  work: (options: StepOptions) => Promise<T>,
): Promise<T> {
  const signal = shared(own ?? signalOfCell());
  if (own || signal === undefined) return work({ signal, onProgress });
  if (signal.aborted) throw interrupted('', goOn);
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
    throw signal.aborted ? interrupted(last ? `${ofTotal(last)} (${last.stage})` : '', goOn, cause) : cause;
  } finally {
    underWay.delete(running);
  }
}

/**
 * The same for items that come one by one; `unit` is what they are, in the plural.
 *
 * @throws PipelineError `cell.interrupted`
 */
export async function* interruptibleItems<T>(
  own: AbortSignal | undefined,
  unit: string,
  goOn: string,
  work: (signal: AbortSignal | undefined) => AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const signal = shared(own ?? signalOfCell());
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
  try {
    signal.throwIfAborted();
    for await (const item of work(signal)) {
      signal.throwIfAborted();
      done++;
      yield item;
    }
  } catch (cause) {
    throw signal.aborted ? interrupted(`${count(done)} ${unit}`, goOn, cause) : cause;
  } finally {
    underWay.delete(running);
    end();
  }
}

const ofTotal = ({ done, total, unit }: Progress): string =>
  `${count(done)}${total === undefined ? '' : ` of ${count(total)}`} ${unit}`;

const interrupted = (after: string, goOn: string, cause?: unknown): PipelineError =>
  new PipelineError('cell.interrupted', `Stopped${after && ` after ${after}`}. ${goOn}`, { cause });
