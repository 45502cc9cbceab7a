/** The smallest of 1, 2, 5, 10, … (times a power of ten) that is not below `least`. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least || 1));
  return ([1, 2, 5].find((factor) => factor * power >= least) ?? 10) * power;
}

/** Round numbers from `low` to `high`, some five of them. */
export function ticksOf([low, high]: readonly [number, number]): number[] {
  const step = roundStep((high - low) / 6);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

/** A number at an edge or a tick, without the digits that binary fractions add. */
export const edgeText = (number: number): string => String(Number(number.toPrecision(6)));

/** The least and the greatest of some numbers; 0 and 0 of none. */
export const extentOf = (values: readonly number[]): [low: number, high: number] =>
  values.length === 0 ? [0, 0] : [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
