import type { Looked, Measures } from './measures.js';

/** Scores one image of a data set by what is wrong with it, having seen all of them. */
export interface Judge {
  /** From 0, nothing, to 1, as bad as it can be; at 0.5 it is worth a look. */
  score(one: Looked): number;
  /** What was measured, in words: `brightest 12%`. */
  words(one: Looked): string;
  /** The place of the image that this one is the same as. */
  like?(one: Looked): number | undefined;
}

/** Something that can be wrong with an image. */
export interface Kind {
  title: string;
  /** Kinds that explain this one: an image that has one of them is not said to have this, too. */
  unless?: readonly string[];
  judge(all: readonly Looked[]): Judge;
}

/** A judge of what the pixels are; an image that cannot be read is not judged. */
export const byMeasures =
  (judge: (all: readonly Measures[]) => { score(one: Measures): number; words(one: Measures): string }) =>
  (all: readonly Looked[]): Judge => {
    const { score, words } = judge(all.flatMap(({ measures }) => measures ?? []));
    return {
      score: ({ measures }) => (measures ? score(measures) : 0),
      words: ({ measures }) => (measures ? words(measures) : ''),
    };
  };

/** A score: 0 at `none` and on its other side, 0.5 at `half`, 1 at `full` and beyond, straight between them. */
export function ramp(value: number, { none, half, full }: { none: number; half: number; full: number }): number {
  const share = (from: number, to: number) => Math.min(1, Math.max(0, (value - from) / (to - from)));
  return 0.5 * share(none, half) + 0.5 * share(half, full);
}

/** The middle one of some values; 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1] ?? 0;
}
