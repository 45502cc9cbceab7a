import { byMeasures, type Kind, median, ramp } from './kind.js';

/** Much wider or narrower than the other images. */
export const oddAspect: Kind = {
  title: 'odd aspect ratio',
  judge: byMeasures((all) => {
    const ratio = ({ width, height }: { width: number; height: number }) => Math.log(width / height);
    const usual = median(all.map(ratio));
    return {
      score: (one) =>
        ramp(Math.abs(ratio(one) - usual), { none: Math.log(1.1), half: Math.log(1.4), full: Math.log(3) }),
      words: ({ width, height }) => `${width}x${height}`,
    };
  }),
};
