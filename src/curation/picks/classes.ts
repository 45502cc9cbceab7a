import { grouped } from '../../work/index.js';

/**
 * Some places of each class, the same number of each: classes that have fewer give all they have, and what they lack is
 * shared among the others. Within a class, and where one more is left over, the order of the places decides.
 */
export function evenly(places: readonly number[], classOf: (place: number) => string, n: number): number[] {
  const classes = grouped(places, classOf);
  const chosen = new Set<number>();
  for (let round = 0; chosen.size < Math.min(n, places.length); round++)
    for (const members of classes.values()) {
      const place = members[round];
      if (place !== undefined && chosen.size < n) chosen.add(place);
    }
  return [...chosen];
}
