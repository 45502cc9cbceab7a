export { attributesNamed } from './attributes.js';
export {
  type Distance,
  Drift,
  type DriftOptions,
  drift,
  type EmbeddingDrift,
  type FieldDrift,
  type Strange,
  type ValueShares,
} from './drift/index.js';
export type { Embedded } from './embedded.js';
export { type Evaluation, evaluate } from './evaluate.js';
export { type Filled, fillBlanks } from './fill.js';
export { heldOut } from './held-out.js';
export { type Leak, type LeaksOptions, leaks } from './leaks.js';
export { checkEmbedded, type Projection, type ProjectOptions, project, rightness } from './map/index.js';
export {
  type AttributeComparison,
  type ClassComparison,
  compareModels,
  type Disagreement,
  ModelComparison,
  type Right,
  type Said,
} from './models/index.js';
export { type DuplicateGroup, type NearDuplicatesOptions, nearDuplicates } from './near-duplicates.js';
export { type PickOptions, pick } from './pick.js';
export type { PickBy } from './picks/index.js';
export {
  hasRows,
  Inspection,
  type InspectOptions,
  type Issue,
  type IssueKind,
  type IssueThresholds,
  inspect,
  kindNames,
  kinds,
} from './quality/index.js';
export { type Scored, type ScoreOptions, score } from './scored.js';
export { type Found, type SearchOptions, search, searchWays } from './search/index.js';
export { type Similar, similar } from './similar.js';
export { type Suspect, type SuspectOptions, suspectLabels } from './suspects.js';
