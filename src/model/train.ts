import type { TrainedCard } from './files/card.js';
import type { TrainOptions } from './training/options.js';

/**
 * Trains the model that ships with the kit, as `training/train.ts` does. That module is imported with the first call,
 * since TensorFlow.js takes most of a second to import.
 */
export const train = async (options: TrainOptions): Promise<TrainedCard> =>
  (await import('./training/train.js')).train(options);
