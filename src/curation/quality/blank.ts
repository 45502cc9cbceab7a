import { byMeasures, type Kind, ramp } from './kind.js';

/** One colour, or as good as: nothing is to be seen. */
export const blank: Kind = {
  title: 'blank',
  judge: byMeasures(() => ({
    score: ({ structure, high }) => ramp(structure / Math.max(high, 0.3), { none: 0.008, half: 0.0037, full: 0.001 }),
    words: () => 'one colour',
  })),
};
