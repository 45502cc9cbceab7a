import { plural } from '../work/index.js';
import type { Manifest } from './manifest.js';

/** What a data set is, in words: `an export of 684 rows (maleShoesFrom2012)`. */
export function described({ kind, count, query, parent, view }: Omit<Manifest, 'images'>): string {
  const rows = plural(count, 'row');
  switch (kind) {
    case 'export':
      return `an export of ${rows}${query?.name === undefined ? '' : ` (${query.name})`}`;
    case 'saved':
      return `${rows} saved from ${parent?.folder} (${view?.reason})`;
    case 'augmented':
      return `${rows} of augmented images of ${parent?.folder}`;
    case 'predictions':
      return `${rows} of predictions for ${parent?.folder}`;
  }
}
