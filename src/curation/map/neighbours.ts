/** For each of some points those nearest to it, itself first: their places and distances, [points, count]. */
export interface Neighbours {
  places: Int32Array;
  distances: Float64Array;
}

/** The square of the distance between twins, so that all but itself are at some distance from a point. */
const least = 1e-12;

/** Points on each side of the pairs that are compared at a time: they stay in the processor's cache. */
const block = 256;

/**
 * Finds the nearest neighbours of each point among all, by comparing all pairs. It is the faster the more the first
 * numbers of the points tell, as those of principal components do.
 *
 * @param points [number of points, dimensions]
 * @param count How many for each point, itself among them.
 * @param done Called with the number of points that are behind since.
 */
export function nearestNeighbours(
  points: Float64Array,
  dimensions: number,
  count: number,
  done?: (points: number) => void,
): Neighbours {
  const total = points.length / dimensions;
  // Rows as long as a multiple of four, with zeros at their ends.
  const width = 4 * Math.ceil(dimensions / 4);
  const rows = new Float64Array(total * width);
  for (let i = 0; i < total; i++) rows.set(points.subarray(i * dimensions, (i + 1) * dimensions), i * width);
  const places = new Int32Array(total * count).fill(-1);
  const distances = new Float64Array(total * count).fill(Number.POSITIVE_INFINITY);
  /** The square of the distance of the farthest neighbour so far. */
  const worst = new Float64Array(total).fill(Number.POSITIVE_INFINITY);
  const add = (of: number, place: number, square: number) => {
    let at = (of + 1) * count - 1;
    for (; at > of * count && (distances[at - 1] ?? 0) > square; at--) {
      distances[at] = distances[at - 1] ?? 0;
      places[at] = places[at - 1] ?? 0;
    }
    distances[at] = square;
    places[at] = place;
    worst[of] = distances[(of + 1) * count - 1] ?? 0;
  };
  // Nothing is nearer to a point than itself, not even its twin.
  for (let i = 0; i < total; i++) add(i, i, 0);
  for (let top = 0; top < total; top += block) {
    const bottom = Math.min(total, top + block);
    for (let left = top; left < total; left += block) {
      const right = Math.min(total, left + block);
      for (let i = top; i < bottom; i++) {
        const from = i * width;
        let limit = worst[i] ?? 0;
        for (let j = Math.max(left, i + 1); j < right; j++) {
          const other = worst[j] ?? 0;
          const most = Math.max(limit, other);
          let square = least;
          // Most pairs are known to be too far apart after a few numbers.
          for (let k = 0, at = j * width; k < width && square < most; k += 4) {
            const a = (rows[from + k] ?? 0) - (rows[at + k] ?? 0);
            const b = (rows[from + k + 1] ?? 0) - (rows[at + k + 1] ?? 0);
            const c = (rows[from + k + 2] ?? 0) - (rows[at + k + 2] ?? 0);
            const d = (rows[from + k + 3] ?? 0) - (rows[at + k + 3] ?? 0);
            square += a * a + b * b + c * c + d * d;
          }
          if (square < limit) {
            add(i, j, square);
            limit = worst[i] ?? 0;
          }
          if (square < other) add(j, i, square);
        }
      }
    }
    done?.(bottom - top);
  }
  return { places, distances: distances.map(Math.sqrt) };
}
