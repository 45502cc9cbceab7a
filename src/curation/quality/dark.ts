import { percent } from '../../work/index.js';
import { byMeasures, type Kind, ramp } from './kind.js';

/** Hardly any pixel is bright. */
export const dark: Kind = {
  title: 'dark',
  unless: ['blank'],
  judge: byMeasures(() => ({
    score: ({ high }) => ramp(high, { none: 0.8, half: 0.4, full: 0.1 }),
    words: ({ high }) => `brightest ${percent(high, 0)}`,
  })),
};
