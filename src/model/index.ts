export { type Attribute, attributes, type Guess, type Prediction, type Scores } from './attributes.js';
export { type AttributeEvaluation, type Confusion, evaluateAttribute, type ReliabilityBin } from './evaluation.js';
export { type HeadOptions, type TrainedHead, trainHead } from './head/train.js';
export { type Item, labelOf } from './item.js';
export { identifyShipped, loadModel } from './load.js';
export type { Model, PredictAllOptions, Predicted } from './model.js';
export { type Backend, useBackend } from './run/backend.js';
export { unit } from './unit.js';
