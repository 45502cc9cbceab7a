import { count } from './format.js';

/** How far a long step has come; reported at its start, at most every 100 ms while it runs, and at its end. */
export interface Progress {
  /** The step: `copy`, `augment`, `infer`, `seed`, … */
  stage: string;
  /** Items finished, including those that failed. */
  done: number;
  /** Those that were finished before the step began, which its rate leaves out; undefined for none. */
  before?: number | undefined;
  /** Items in all; undefined where that is not known. */
  total: number | undefined;
  failed: number;
  /** What the items are, in the plural: `images`, `products`. */
  unit: string;
  /** Since the step began. */
  seconds: number;
  /** Whether this is the last report. */
  ended: boolean;
}

/**
 * Receives the progress of a long step. It is called up to ten times a second, so it should return at once.
 *
 * @example
 * const onProgress: OnProgress = (progress) => console.log(progressLine(progress));
 * const { pipeline } = await connect({ onProgress });
 */
export type OnProgress = (progress: Progress) => void;

/**
 * Counts the items of one step and reports them, at most every 100 ms.
 *
 * @example
 * const tracker = show.progress('read', { total: shoes.rows.length, unit: 'images' });
 * for await (const { data } of shoes.images()) tracker.tick(1, data.length === 0 ? 1 : 0);
 * tracker.end();
 */
export class Tracker {
  done = 0;
  failed = 0;
  total: number | undefined;
  readonly #stage: string;
  readonly #unit: string;
  readonly #started = performance.now();
  readonly #report: OnProgress | undefined;
  #reported = -Infinity;

  constructor(stage: string, unit: string, total: number | undefined, report: OnProgress | undefined) {
    this.#stage = stage;
    this.#unit = unit;
    this.total = total;
    this.#report = report;
    this.#send(false);
  }

  /** Seconds since the step began. */
  get seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** Counts finished items, `failed` of them failed. */
  tick(items = 1, failed = 0): void {
    this.done += items;
    this.failed += failed;
    if (performance.now() - this.#reported >= 100) this.#send(false);
  }

  /** Reports the end. */
  end(): void {
    this.#send(true);
  }

  #send(ended: boolean): void {
    this.#reported = performance.now();
    const { done, total, failed, seconds } = this;
    this.#report?.({ stage: this.#stage, done, total, failed, unit: this.#unit, seconds, ended });
  }
}

/**
 * Progress as one line of text, with a bar of `barWidth` characters where the total is known; of 0 for none.
 *
 * @example
 * progressLine({ stage: 'copy', done: 342, total: 684, failed: 0, unit: 'images', seconds: 0.5, ended: false }, 8);
 * // 'copy      ████░░░░  342/684 images  684/s  0.5 s left'
 */
export function progressLine(progress: Progress, barWidth = 20): string {
  const { stage, done, before = 0, total, failed, unit, seconds, ended } = progress;
  const rate = seconds > 0 ? (done - before) / seconds : 0;
  const parts = [stage.padEnd(8)];
  if (total !== undefined && barWidth > 0) {
    const filled = total === 0 ? barWidth : Math.min(barWidth, Math.round((barWidth * done) / total));
    parts.push('█'.repeat(filled) + '░'.repeat(barWidth - filled));
  }
  parts.push(`${count(done)}${total === undefined ? '' : `/${count(total)}`} ${unit}`);
  if (done > before) parts.push(`${count(rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate))}/s`);
  if (failed > 0) parts.push(`${count(failed)} failed`);
  if (ended) parts.push(`in ${duration(seconds)}`);
  else if (total !== undefined && rate > 0) parts.push(`${duration((total - done) / rate)} left`);
  return parts.join('  ');
}

/**
 * Shows progress on stderr. On a terminal one line is updated in place; elsewhere a plain line is written every 5
 * seconds, and one at the end of what took a second or more.
 *
 * @example
 * await seedCatalogue(clients(), sampleSource(), { onProgress: terminalProgress() });
 */
export function terminalProgress(): OnProgress {
  const { stderr } = process;
  let plainAt = performance.now();
  return (progress) => {
    if (stderr.isTTY) {
      clearLine();
      stderr.write(fittingLine(progress, (stderr.columns || Infinity) - 1) + (progress.ended ? '\n' : ''));
    } else if (progress.ended ? progress.seconds >= 1 : performance.now() - plainAt >= 5000) {
      plainAt = performance.now();
      stderr.write(`${progressLine(progress)}\n`);
    }
  };
}

/** A line of so many characters at most, for one that wraps cannot be cleared: the bar is cut before the figures. */
function fittingLine(progress: Progress, width: number): string {
  const widest = 20;
  const excess = progressLine(progress, widest).length - width;
  return progressLine(progress, Math.max(0, Math.min(widest, widest - excess))).slice(0, width);
}

/** Erases the line of progress from the terminal. */
export function clearLine(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
}

function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
