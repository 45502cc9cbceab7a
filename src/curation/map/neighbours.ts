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
 * Finds the nearest neighbours of each point among all. All pairs are compared: 40,000 points of 32 numbers take about
 * half a minute.
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
        const from = i * dimensions;
        let limit = worst[i] ?? 0;
        for (let j = Math.max(left, i + 1); j < right; j++) {
          let square = least;
          for (let k = 0, at = j * dimensions; k < dimensions; k++) {
            const apart = (points[from + k] ?? 0) - (points[at + k] ?? 0);
            square += apart * apart;
          }
          if (square < limit) {
            add(i, j, square);
            limit = worst[i] ?? 0;
          }
          if (square < (worst[j] ?? 0)) add(j, i, square);
        }
      }
    }
    done?.(bottom - top);
  }
  return { places, distances: distances.map(Math.sqrt) };
}
