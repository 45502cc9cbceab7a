export { attributesNamed } from './attributes.js';
export type { Embedded } from './embedded.js';
export { type Evaluation, evaluate } from './evaluate.js';
export { type Filled, fillBlanks } from './fill.js';
export { heldOut } from './held-out.js';
export { type DuplicateGroup, type NearDuplicatesOptions, nearDuplicates } from './near-duplicates.js';
export { type Scored, type ScoreOptions, score } from './scored.js';
export { type Similar, similar } from './similar.js';
export { type Suspect, type SuspectOptions, suspectLabels } from './suspects.js';
