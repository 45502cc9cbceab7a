import { randomUUID } from 'node:crypto';
import { type OnProgress, progressLine, Tracker, terminalProgress } from '../../work/index.js';
import { kernelWriter, type WriteDisplay } from './kernel.js';

/**
 * Shows the progress of long steps in a cell: one output with a line per step, updated in place at most five times a
 * second; the last state stays. Outside a notebook, on the terminal.
 *
 * @example
 * await pipeline.run(queries.maleShoesFrom2012, { onProgress: notebookProgress() });
 */
export function notebookProgress(writer: () => WriteDisplay | undefined = kernelWriter): OnProgress {
  let lines: { stage: string; text: string; ended: boolean }[] = [];
  let cell: WriteDisplay | undefined;
  let display_id = '';
  let shownAt = -Infinity;
  const terminal = terminalProgress();
  return (progress) => {
    const write = writer();
    if (write === undefined) {
      terminal(progress);
      return;
    }
    // The kernel has a writer per cell: steps of another cell get an output there.
    const first = write !== cell;
    if (first) {
      cell = write;
      lines = [];
      display_id = randomUUID();
    }
    const running = lines.find(({ stage, ended }) => stage === progress.stage && !ended);
    const now = { stage: progress.stage, text: progressLine(progress), ended: progress.ended };
    if (running === undefined) lines.push(now);
    else Object.assign(running, now);
    if (!first && !progress.ended && performance.now() - shownAt < 200) return;
    shownAt = performance.now();
    const text = lines.map((line) => line.text).join('\n');
    write({ data: { 'text/plain': text }, metadata: {}, transient: { display_id } }, !first);
  };
}

/** What a progress line says of its items. */
export interface ProgressOptions {
  /**
   * Items in all; default the length of what is gone through, where it has one. Without it there is no bar and no time
   * left.
   */
  total?: number;
  /** What an item is, in the plural (default `items`). */
  unit?: string;
}

/** The progress of a step whose items the caller counts. */
export function stepProgress(stage: string, { total, unit = 'items' }: ProgressOptions = {}): Tracker {
  return new Tracker(stage, unit, total, notebookProgress());
}

/** Passes items on and shows how many the loop has done with; it ends with the loop, however that ends. */
export async function* loopProgress<T>(
  items: Iterable<T> | AsyncIterable<T>,
  stage: string,
  options: ProgressOptions = {},
): AsyncGenerator<T> {
  const tracker = stepProgress(stage, { ...sizeOf(items), ...options });
  try {
    for await (const item of items) {
      yield item;
      tracker.tick();
    }
  } finally {
    tracker.end();
  }
}

function sizeOf(items: object): { total?: number } {
  const size = 'length' in items ? items.length : 'size' in items ? items.size : undefined;
  return typeof size === 'number' ? { total: size } : {};
}
