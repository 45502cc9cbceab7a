export type { StepOptions } from './augment.js';
export { Pipeline, type Report, type Run, type RunOptions, queryOf } from './pipeline.js';
export { type Augmentation, type Query, queries } from './queries.js';
