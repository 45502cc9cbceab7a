import { type SplitFacts, splitColumn } from '../../dataset/index.js';
import { plural } from '../../work/index.js';
import type { Tabular } from '../columns.js';
import { type BarTrace, barFigure } from './bars.js';
import type { Figure } from './figure.js';
import type { CountOptions } from './options.js';

/**
 * How many rows each side of a split has or, with a field, how many of each of its values are on which side.
 *
 * @throws PipelineError `show.unknownColumn`
 *
 * @example
 * const split = await shoes.split({ train: 0.8, test: 0.2 }, { stratify: 'season' });
 * const figure = splitFigure(split, 'season');
 */
export function splitFigure(
  { all, sizes }: SplitFacts<Tabular>,
  field?: string,
  options: Omit<CountOptions, 'colour'> = {},
): Figure<BarTrace> {
  const rows = plural(
    sizes.reduce((sum, side) => sum + side.rows, 0),
    'row',
  );
  if (field === undefined) return barFigure(all, splitColumn, { title: `Sides (${rows})`, ...options });
  return barFigure(all, field, { title: `${field} by side (${rows})`, ...options, colour: splitColumn });
}
