import { randomUUID } from 'node:crypto';
import {
  interruptibleItems,
  type OnProgress,
  progressLine,
  startOver,
  Tracker,
  terminalProgress,
} from '../../work/index.js';
import { kernelWriter, type WriteDisplay } from './kernel.js';
import { sayRejections } from './rejections.js';

/**
 * Shows the progress of long steps in a notebook cell: one output with a line per step, updated in place at most five
 * times a second, whose last state stays. Outside a notebook it writes to the terminal.
 *
 * @example
 * const { pipeline } = await connect();
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
    // Each cell has its own writer: the steps of another cell get an output of their own there.
    const first = write !== cell;
    if (first) {
      sayRejections(write);
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

/** The items that a progress line counts. */
export interface ProgressOptions {
  /**
   * How many items there are (default: the `length` or `size` of the items, where they have one). Without it the line
   * has no bar and no time left.
   */
  total?: number;
  /** What an item is, in the plural (default `items`). */
  unit?: string;
}

/** A function for the option `onProgress` of long steps. */
export function progress(): OnProgress;
/** A tracker of a step, which counts what its `tick` is called with until its `end`. */
export function progress(stage: string, options?: ProgressOptions): Tracker;
/** The items themselves, which are counted while a loop goes through them. */
export function progress<T>(
  items: Iterable<T> | AsyncIterable<T>,
  stage?: string,
  options?: ProgressOptions,
): AsyncGenerator<T>;
export function progress<T>(
  subject?: string | Iterable<T> | AsyncIterable<T>,
  stage?: string | ProgressOptions,
  options?: ProgressOptions,
): OnProgress | Tracker | AsyncGenerator<T> {
  if (subject === undefined) return notebookProgress();
  if (typeof subject === 'string') return stepProgress(subject, typeof stage === 'string' ? options : stage);
  return loopProgress(subject, typeof stage === 'string' ? stage : 'loop', options);
}

function stepProgress(stage: string, { total, unit = 'items' }: ProgressOptions = {}): Tracker {
  return new Tracker(stage, unit, total, notebookProgress());
}

/** Passes the items on; the line ends with the loop, also where that is left early or fails. */
async function* loopProgress<T>(
  items: Iterable<T> | AsyncIterable<T>,
  stage: string,
  options: ProgressOptions = {},
): AsyncGenerator<T> {
  const tracker = stepProgress(stage, { ...totalOf(items), ...options });
  try {
    for await (const item of interruptibleItems(undefined, options.unit ?? 'items', startOver, () => items)) {
      yield item;
      tracker.tick();
    }
  } finally {
    tracker.end();
  }
}

function totalOf(items: object): { total?: number } {
  const size = 'length' in items ? items.length : 'size' in items ? items.size : undefined;
  return typeof size === 'number' ? { total: size } : {};
}
