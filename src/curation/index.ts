export { type Evaluation, evaluate } from './evaluate.js';
export { type Scored, type ScoreOptions, score } from './scored.js';
