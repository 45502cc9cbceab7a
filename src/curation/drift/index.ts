export type { Distance, ValueShares } from './distribution.js';
export { type DriftOptions, drift } from './drift.js';
export { Drift, type EmbeddingDrift, type FieldDrift, type Strange } from './result.js';
