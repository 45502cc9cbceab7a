import type { Aws } from '../../../aws/index.js';
import type { JobRecord } from './job-record.js';
import { noteSending, noteSent } from './jobs-table.js';

/** Milliseconds between two signs of life of whoever sends the messages of a job. */
const beat = 20_000;

/** Milliseconds without one after which it has ended. Clocks differ. */
const patience = 90_000;

/**
 * Sends the messages of a job, and gives a sign of life in its record meanwhile. When all are sent, the record says so:
 * a process that is killed before leaves a job that is known as interrupted.
 */
export async function whileSending(aws: Aws, id: string, send: () => Promise<void>): Promise<void> {
  let noted: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // A sign that is lost is no matter.
    noted = noteSending(aws, id).catch(() => {});
  }, beat);
  try {
    await send();
  } finally {
    clearInterval(timer);
    await noted;
  }
  await noteSent(aws, id);
}

/** Whether whoever sent the messages of a job has ended before all were sent. */
export const isInterrupted = ({ state, sending }: JobRecord): boolean =>
  state === 'running' && sending !== undefined && Date.now() - sending > patience;
