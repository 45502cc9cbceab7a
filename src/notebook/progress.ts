import { randomUUID } from 'node:crypto';
import { type OnProgress, progressLine } from '../progress.js';
import { type WriteDisplay, kernelWriter } from './kernel.js';

/**
 * Shows the progress of long steps in a cell: one output with a line per step, updated in place at most five times a second;
 * the last state stays. Outside a notebook a step's last line goes to stderr.
 *
 * @example
 * await pipeline.run(queries.maleShoesFrom2012, { onProgress: notebookProgress() });
 */
export function notebookProgress(writer: () => WriteDisplay | undefined = kernelWriter): OnProgress {
  let lines: { stage: string; text: string; ended: boolean }[] = [];
  let cell: WriteDisplay | undefined;
  let display_id = '';
  let shownAt = -Infinity;
  return (progress) => {
    const write = writer();
    if (write === undefined) {
      if (progress.ended) process.stderr.write(`${progressLine(progress)}\n`);
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
