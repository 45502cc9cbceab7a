import { percent } from '../../work/index.js';
import { byMeasures, type Kind, ramp } from './kind.js';

/** Hardly any pixel is darker than white: overexposed, or faded. */
export const bright: Kind = {
  title: 'bright',
  unless: ['blank'],
  judge: byMeasures(() => ({
    score: ({ low }) => ramp(low, { none: 0.75, half: 0.915, full: 0.97 }),
    words: ({ low }) => `darkest ${percent(low, 0)}`,
  })),
};
