export type { SameItems, Together } from './groups.js';
export type { Shares } from './shares.js';
export { type SideSize, type Split, type SplitFacts, splitDataset } from './split.js';
export { type SmallClass, type SplitOptions, splitColumn } from './split-rows.js';
