export { attributes, type Attribute, type Guess, type Prediction, type Scores } from './attributes.js';
export { useBackend, type Backend } from './backend.js';
export { evaluateAttribute, type AttributeEvaluation, type Confusion, type ReliabilityBin } from './evaluation.js';
export { trainHead, type HeadOptions, type TrainedHead } from './head/train.js';
export { labelOf, type Item } from './item.js';
export { identifyShipped, loadModel } from './load.js';
export type { Model, Predicted, PredictAllOptions } from './model.js';
export { unit } from './unit.js';
