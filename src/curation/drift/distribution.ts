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

/** Numbers as categories: the intervals between the tenths of those before, and what is below or above all of them. */
export function intervals(before: readonly number[]): (value: number) => string {
  const rounded = (value: number) => (Number.isInteger(value) ? value : Number(value.toPrecision(3)));
  const sorted = Float64Array.from(before, rounded).sort();
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const [most, edges] = [at(1), [...new Set(Array.from({ length: 10 }, (_, i) => at(i / 10)))]];
  return (value) => {
    const own = rounded(value);
    if (own > most) return `above ${most}`;
    const above = edges.findIndex((edge) => own < edge);
    if (above === 0) return `below ${edges[0]}`;
    return above < 0 ? `${edges.at(-1)} to ${most}` : `${edges[above - 1]} to ${edges[above]}`;
  };
}
