import { percent } from '../../work/index.js';
import { byMeasures, type Kind, ramp } from './kind.js';

/**
 * Dark and bright pixels hardly differ, and neither end is reached: something white on white is as it should be, and
 * what has only dark pixels, or only bright ones, is said to be dark or bright.
 */
export const lowContrast: Kind = {
  title: 'low contrast',
  unless: ['blank', 'dark', 'bright'],
  judge: byMeasures(() => ({
    score: ({ low, high }) =>
      ramp(Math.max(high - low, 2 * Math.max(high, 1 - low) - 1), { none: 0.65, half: 0.45, full: 0.1 }),
    words: ({ low, high }) => `brightness ${percent(low, 0)} to ${percent(high, 0)}`,
  })),
};
