import { PipelineError } from '../../work/index.js';
import { maxReceiveCount } from './settings.js';

/** Errors that no other attempt mends: a bad message, a bad transform, a model that does not exist. */
const hopeless = /^(message|augment|model)\.|^job\.malformed$/;

/** Those of the same kinds that another attempt may mend: with more time, more memory, or on another machine. */
const mendable = new Set(['message.outOfTime', 'model.processEnded', 'model.cannotRun', 'model.backendUnavailable']);

/** Errors of a server that is overloaded, away, or behind a gateway that answers for it: they pass. */
const passing = new Set([
  'aws.unavailable',
  'aws.throttled',
  'aws.unreachable',
  'aws.notAws',
  'model.unreachable',
  'TimeoutError',
]);

/**
 * How often a message is put off because a server is overloaded or away. With the pauses below that is for about two
 * hours. AWS ends a function whose messages come back to it in a chain about 16 times.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
export const mostWaits = 14;

/** The most seconds that SQS delays a message. */
const longest = 900;

export const isPassing = (code: string): boolean => passing.has(code);

/** What a handler knows of the attempts at a message. */
export interface Attempts {
  /** How often the message was received, this time included. */
  received: number;
  /** How often it was put off before. */
  waits: number;
}

/**
 * What to do with a message whose handler failed: `again`, the queue delivers it again after some seconds, a few times;
 * `wait`, it is sent again to arrive after so many seconds, with its attempts counted anew; `bury`, it goes to the
 * dead-letter queue.
 */
export type Remedy = { is: 'again' | 'wait'; seconds: number } | { is: 'bury' };

/** The code of an error, for programs. */
export const codeOf = (error: unknown): string =>
  error instanceof PipelineError ? error.code : error instanceof Error ? error.name : 'unknown';

/** Decides by the code of what failed. `random` is from 0 to 1: messages put off together do not return together. */
export function remedyOf(code: string, { received, waits }: Attempts, random = Math.random()): Remedy {
  if (isPassing(code)) {
    if (waits >= mostWaits) return { is: 'bury' };
    return { is: 'wait', seconds: Math.min(longest, Math.round(4 * 2 ** waits * (0.75 + random / 2))) };
  }
  if (received >= maxReceiveCount || (hopeless.test(code) && !mendable.has(code))) return { is: 'bury' };
  return { is: 'again', seconds: 2 ** (received - 1) };
}
