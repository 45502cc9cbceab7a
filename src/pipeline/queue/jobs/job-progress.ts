import type { Task } from '../tasks/index.js';
import type { JobState } from './job-record.js';

/** How far a job has come. */
export interface JobProgress {
  /**
   * `interrupted`: who started it was stopped before all its messages were sent. `malformed`: its record cannot be
   * read.
   */
  state: JobState | 'interrupted' | 'malformed';
  /** Why it failed, or what is wrong with it. */
  reason: string | undefined;
  /** Images of each task, failed ones included, and how many they are in all. */
  tasks: { task: Task; done: number; failed: number; total: number }[];
  /** Why some of its messages were put off, and until when (ms since 1970); undefined where none is. */
  waiting: { reason: string; until: number } | undefined;
  /** Chunks that have not gone through all tasks. */
  unfinished: number;
  /** Seconds since it was started. */
  seconds: number;
}
