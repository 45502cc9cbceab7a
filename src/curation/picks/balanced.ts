import { labelOf } from '../../model/index.js';
import { evenly } from './classes.js';
import type { Way } from './way.js';

/** As many of each value of a field; items without a value are not picked. */
export const balanced: Way = {
  field: 'needed column',
  pick({ items, drawn, field = '', n }) {
    const label = (place: number) => labelOf(items[place] ?? {}, field);
    return evenly(
      drawn.filter((place) => label(place) !== undefined),
      (place) => label(place) ?? '',
      n,
    );
  },
};
