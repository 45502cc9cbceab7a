export { exportQuery } from './export-query.js';
export { augmentedFolder, predictionsFolder } from './folders.js';
export {
  type ColumnOptions,
  type DirectOptions,
  Pipeline,
  type QueueOptions,
  type RunOptions,
  type VariantOptions,
} from './pipeline.js';
export {
  type Augmentation,
  type Inference,
  type NamedQueries,
  type NamedQuery,
  type Query,
  queries,
  queryOf,
} from './queries.js';
export { assume, assumptions } from './queue/assumptions.js';
export { type DeadLetter, readDeadLetters, redriveDeadLetters } from './queue/dead-letters.js';
export { estimate } from './queue/estimate.js';
export { queueHandler } from './queue/handle.js';
export { Job } from './queue/jobs/job.js';
export type { JobProgress } from './queue/jobs/job-progress.js';
export { ensureQueues, queueUrl } from './queue/provision.js';
export { queueName } from './queue/settings.js';
export { definitions, tasks } from './queue/tasks/index.js';
export { codeParameter, deploymentTemplate } from './queue/template/index.js';
export { runWorker } from './queue/worker.js';
export type { Report, Run } from './run.js';
export type { SaveOptions } from './save.js';
export { type Fault, Verification, type VerifiedFolder } from './verification.js';
export type { VerifyOptions } from './verify.js';
