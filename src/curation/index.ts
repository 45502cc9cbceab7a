export { type Evaluation, evaluate } from './evaluate.js';
export { type Item, type Scored, type ScoreOptions, score } from './scored.js';
