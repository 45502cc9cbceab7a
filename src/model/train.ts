import type { TrainedCard } from './files/card.js';
import type { TrainOptions } from './training/options.js';

/** Trains the model that ships with the kit; loaded when called, since importing TensorFlow.js takes most of a second. */
export const train = async (options: TrainOptions): Promise<TrainedCard> =>
  (await import('./training/train.js')).train(options);
