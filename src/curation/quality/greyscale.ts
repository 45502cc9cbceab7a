import { byMeasures, type Kind, ramp } from './kind.js';

/** Without any colour among images that have colours. A photograph of something black is not quite grey. */
export const greyscale: Kind = {
  title: 'greyscale',
  unless: ['blank', 'dark', 'bright', 'lowContrast'],
  judge: byMeasures((all) => {
    const grey = all.filter(({ chroma }) => chroma < half).length;
    // Where most are grey, those are no odd ones.
    const amongColour = grey < all.length / 2;
    return {
      score: ({ chroma }) => (amongColour ? ramp(chroma, { none: 5 / 255, half, full: 0 }) : 0),
      words: () => 'no colour',
    };
  }),
};

const half = 1.5 / 255;
