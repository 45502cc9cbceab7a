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
  /** The cell that started work last, by its writer. */
  let cell: WriteDisplay | undefined;
  interruptBy(() => {
    const now = kernelWriter();
    // Whatever an interrupted cell still tries stays interrupted; the next cell gets a new signal.
    if (now !== cell && controller.signal.aborted) controller = new AbortController();
    cell = now;
    return controller.signal;
  });
  // While a cell runs until its first await, Node has removed the listeners (`breakOnSigint` of node:vm).
  queueMicrotask(() => {
    const ofKernel = process.listeners('SIGINT');
    process.removeAllListeners('SIGINT');
    process.on('SIGINT', (signal) => {
      const again = controller.signal.aborted;
      cell = kernelWriter();
      controller.abort();
      // Work that stops ends the cell with an error that says how far it came. After half a second, or at a second
      // interrupt, the kernel ends the cell.
      const stopped = again ? Promise.resolve() : Promise.race([Promise.allSettled(underWay), sleep(500)]);
      void stopped.then(() => setImmediate(() => ofKernel.forEach((listener) => listener(signal))));
    });
  });
}
