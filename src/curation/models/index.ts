export { compareModels } from './compare-models.js';
export {
  type AttributeComparison,
  type ClassComparison,
  type Disagreement,
  ModelComparison,
  type Right,
  type Said,
} from './comparison.js';
