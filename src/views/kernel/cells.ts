import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { S3ServiceException } from '@aws-sdk/client-s3';
import { SQSServiceException } from '@aws-sdk/client-sqs';
import { interruptBy, PipelineError, underWay } from '../../work/index.js';
import { inNotebook, kernelWriter, type WriteDisplay } from './kernel.js';
import { rememberRejections } from './rejections.js';

// From the import of the kit on, an interrupt stops what a cell does, errors are shown without their stack, and none is
// lost because nothing awaited it.
if (inNotebook()) {
  stopOnInterrupt();
  rememberRejections();
  for (const { prototype } of [PipelineError, DynamoDBServiceException, S3ServiceException, SQSServiceException]) {
    Object.defineProperty(prototype, inspect.custom, { value: inBrief });
  }
}

/** The text of an error in a cell: without the stack, which is that of the kernel and the SDK. */
function inBrief(this: Error): string {
  return `${this.name}${this instanceof PipelineError ? ` [${this.code}]` : ''}: ${this.message}`;
}

/**
 * Makes an interrupt of the kernel stop the kit's work first. The kernel alone would only stop waiting for the cell,
 * while its requests and computations went on.
 */
function stopOnInterrupt(): void {
  let controller = new AbortController();
  /** The signal of each cell, by its writer: whatever an interrupted cell still tries stays interrupted. */
  const signals = new WeakMap<WriteDisplay, AbortSignal>();
  const signal = (cell = kernelWriter()): AbortSignal => {
    const known = cell && signals.get(cell);
    if (cell && !known) signals.set(cell, controller.signal);
    return known ?? controller.signal;
  };
  interruptBy(signal);
  // While a cell runs until its first await, Node has removed the listeners (`breakOnSigint` of node:vm).
  queueMicrotask(() => {
    const ofKernel = process.listeners('SIGINT');
    process.removeAllListeners('SIGINT');
    process.on('SIGINT', (name) => {
      const again = signal().aborted;
      controller.abort();
      controller = new AbortController();
      // Work that stops ends the cell with an error that says how far it came, on a busy machine not at once. After
      // five seconds, or at a second interrupt, the kernel ends the cell.
      const stopped = again ? Promise.resolve() : Promise.race([Promise.allSettled(underWay), sleep(5000)]);
      void stopped.then(() => setImmediate(() => ofKernel.forEach((listener) => listener(name))));
    });
  });
}
