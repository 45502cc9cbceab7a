import { byMeasures, type Kind, median, ramp } from './kind.js';

/** Much larger or smaller than the other images. */
export const oddSize: Kind = {
  title: 'odd size',
  judge: byMeasures((all) => {
    const side = ({ width, height }: { width: number; height: number }) => Math.log(width * height) / 2;
    const usual = median(all.map(side));
    return {
      score: (one) =>
        ramp(Math.abs(side(one) - usual), { none: Math.log(1.2), half: Math.log(1.6), full: Math.log(4) }),
      words: ({ width, height }) => `${width}x${height}`,
    };
  }),
};
