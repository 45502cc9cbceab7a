import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { S3ServiceException } from '@aws-sdk/client-s3';
import { SQSServiceException } from '@aws-sdk/client-sqs';
import { interruptBy, PipelineError, underWay } from '../../work/index.js';
import { inNotebook, kernelWriter, type WriteDisplay } from './kernel.js';

// What a cell does is stopped by its interrupt, and fails in few words: from the import of the kit on.
if (inNotebook()) {
  stopOnInterrupt();
  for (const { prototype } of [PipelineError, DynamoDBServiceException, S3ServiceException, SQSServiceException]) {
    Object.defineProperty(prototype, inspect.custom, { value: inBrief });
  }
}

/** An error as a cell shows it: without its stack, which leads through the kernel and the SDK. */
function inBrief(this: Error): string {
  return `${this.name}${this instanceof PipelineError ? ` [${this.code}]` : ''}: ${this.message}`;
}

/**
 * Makes an interrupt of the kernel stop the kit's work first. The kernel by itself only stops waiting for the cell:
 * requests and computations would go on behind it.
 */
function stopOnInterrupt(): void {
  let controller = new AbortController();
  /** The cell that asked last; the kernel has a writer per cell. */
  let cell: WriteDisplay | undefined;
  interruptBy(() => {
    const now = kernelWriter();
    // A cell that was interrupted stays so, whatever it still tries; the next one starts afresh.
    if (now !== cell && controller.signal.aborted) controller = new AbortController();
    cell = now;
    return controller.signal;
  });
  // Node takes the listeners away while a cell runs till its first await, and puts them back thereafter.
  queueMicrotask(() => {
    const ofKernel = process.listeners('SIGINT');
    process.removeAllListeners('SIGINT');
    process.on('SIGINT', (signal) => {
      const again = controller.signal.aborted;
      cell = kernelWriter();
      controller.abort();
      // The work, when it has stopped, ends the cell with an error that says how far it came. What does not stop is
      // left to the kernel.
      const stopped = again ? Promise.resolve() : Promise.race([Promise.allSettled(underWay), sleep(500)]);
      void stopped.then(() => setImmediate(() => ofKernel.forEach((listener) => listener(signal))));
    });
  });
}
