export { attributes, type Attribute, type Guess, type Prediction } from './attributes.js';
export { useBackend, type Backend } from './backend.js';
export { identifyShipped, loadModel } from './load.js';
export type { Model, Predicted, PredictAllOptions } from './model.js';
