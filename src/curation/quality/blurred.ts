import { percent } from '../../work/index.js';
import { byMeasures, type Kind, median, ramp } from './kind.js';

/** Its sharpest edges are soft, beside those of the other images. */
export const blurred: Kind = {
  title: 'blurred',
  unless: ['blank'],
  judge: byMeasures((all) => {
    const usual = median(all.map(({ sharpness }) => sharpness));
    return {
      score: ({ sharpness }) => ramp(sharpness / (usual || 1), { none: 0.7, half: 0.35, full: 0.1 }),
      words: ({ sharpness }) => `edges ${percent(sharpness / (usual || 1), 0)} as sharp as usual`,
    };
  }),
};
