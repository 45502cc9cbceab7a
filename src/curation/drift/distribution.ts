/** Shares of some categories, in two samples. */
export interface ValueShares {
  value: string;
  /** From 0 to 1. */
  before: number;
  after: number;
}

/** How far two samples are apart. */
export interface Distance {
  /** The Jensen-Shannon divergence in bits: 0 where the shares are the same, 1 where nothing is in both. */
  distance: number;
  /** The distance that two samples of this size have on average where nothing has changed. */
  chance: number;
  /** The categories that changed most first. */
  shares: readonly ValueShares[];
}

/**
 * How far apart two samples of categories are.
 *
 * @see https://doi.org/10.1109/18.61115
 *
 * @example
 * distanceOf(['Summer', 'Fall'], ['Summer', 'Summer']).distance; // 0.31
 */
export function distanceOf(before: readonly string[], after: readonly string[]): Distance {
  const [a, b] = [countsOf(before), countsOf(after)];
  const values = [...new Set([...a.keys(), ...b.keys()])];
  const shares = values
    .map((value) => ({
      value,
      before: (a.get(value) ?? 0) / Math.max(1, before.length),
      after: (b.get(value) ?? 0) / Math.max(1, after.length),
    }))
    .sort((x, y) => Math.abs(y.after - y.before) - Math.abs(x.after - x.before));
  const bits = (p: number, mean: number) => (p === 0 ? 0 : p * Math.log2(p / mean));
  const distance = shares.reduce(
    (sum, { before: p, after: q }) => sum + (bits(p, (p + q) / 2) + bits(q, (p + q) / 2)) / 2,
    0,
  );
  // Of the expected sum of squared differences; the divergence is an eighth of it, in nats.
  const chance =
    ((values.length - 1) * (1 / Math.max(1, before.length) + 1 / Math.max(1, after.length))) / (8 * Math.LN2);
  return { distance: Math.min(1, Math.max(0, distance)), chance: Math.min(1, chance), shares };
}

function countsOf(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** Numbers as categories: the intervals between the tenths of those before. */
export function intervals(before: readonly number[], digits?: number): (value: number) => string {
  const sorted = Float64Array.from(before).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const edges = [...new Set(Array.from({ length: 9 }, (_, i) => at((i + 1) / 10)))];
  const text = (value: number) => String(Number(digits === undefined ? value : value.toFixed(digits)));
  return (value) => {
    const above = edges.findIndex((edge) => value < edge);
    const [low, high] = above < 0 ? [edges.at(-1), undefined] : [edges[above - 1], edges[above]];
    return low === undefined
      ? `below ${text(high ?? 0)}`
      : high === undefined
        ? `${text(low)} and more`
        : `${text(low)} to ${text(high)}`;
  };
}
