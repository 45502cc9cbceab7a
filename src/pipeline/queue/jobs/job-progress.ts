import type { Task } from '../tasks/index.js';
import type { JobState } from './job-record.js';

/** How far a job has come. */
export interface JobProgress {
  state: JobState;
  /** Why it failed. */
  reason: string | undefined;
  /** Images of each task, failed ones included, and how many they are in all. */
  tasks: { task: Task; done: number; failed: number; total: number }[];
  /** Chunks that have not gone through all tasks. */
  unfinished: number;
  /** Seconds since it was started. */
  seconds: number;
}
