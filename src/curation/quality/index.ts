export { hasRows } from './image-folder.js';
export { type InspectOptions, inspect } from './inspect.js';
export { Inspection, type Issue, type IssueThresholds } from './inspection.js';
export { type IssueKind, kindNames, kinds } from './kinds.js';
