export { type Change, parseChanges, type Values } from './change.js';
export { ChangeSet } from './change-set.js';
export { changedSince } from './changed-since.js';
export { type CheckOptions, CheckResult, checkCatalogue } from './check.js';
export { type Corrections, discardCorrections, readCorrections } from './corrections.js';
export { type CorrectionsFile, parseCorrections } from './corrections-file.js';
export { type Conflict, UpdateResult } from './result.js';
export { listChangeSets, undoChangeSet } from './undo.js';
export { type UpdateOptions, updateProducts } from './update.js';
