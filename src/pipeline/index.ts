export { Pipeline, type RunOptions } from './pipeline.js';
export { type Augmentation, type Query, queries, queryOf } from './queries.js';
export type { DeadLetter } from './queue/dead-letters.js';
export type { Job, JobProgress } from './queue/jobs/job.js';
export type { Report, Run } from './run.js';
