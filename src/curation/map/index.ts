export { checkEmbedded } from './check-embedded.js';
export { type Projection, type ProjectOptions, project } from './project.js';
export { rightness } from './rightness.js';
