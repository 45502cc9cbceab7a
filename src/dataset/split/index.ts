export type { SameItems, Together } from './groups.js';
export type { Shares } from './shares.js';
export { type SideSize, type Split, type SplitFacts, splitOf, splitStep } from './split.js';
export { type SmallClass, type SplitOptions, splitColumn, splitRows } from './split-rows.js';
