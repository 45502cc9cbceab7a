import { inspect } from 'node:util';
import { kernelWriter, type WriteDisplay } from './kernel.js';

/** Promises that were rejected while nothing awaited them, with the cell that had started last. */
let rejections: { reason: unknown; cell: WriteDisplay | undefined }[] = [];

/**
 * Remembers what is rejected while nothing awaits it. The kernel writes it below the cell that ran last; where that has
 * ended, only a browser still listens, `jupyter execute` and its like do not.
 */
export function rememberRejections(): void {
  process.on('unhandledRejection', (reason) => rejections.push({ reason, cell: kernelWriter() }));
}

/** Says in a cell, once, what was rejected during or after an earlier one. */
export function sayRejections(cell: WriteDisplay): void {
  const earlier = rejections.filter((rejection) => rejection.cell !== cell);
  rejections = rejections.filter((rejection) => rejection.cell === cell);
  for (const { reason } of earlier) {
    console.error(`A promise that no cell awaited was rejected: ${inspect(reason)}\nWrite await before what makes it.`);
  }
}
