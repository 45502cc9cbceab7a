import type { Summary } from './summary.mjs';

type Ratio = Pick<Summary, 'stage' | 'delay' | 'contender' | 'ratio'>;

export interface Difference extends Pick<Summary, 'stage' | 'delay' | 'contender'> {
  before: number;
  after: number;
}

export function compare(
  before: readonly Ratio[],
  after: readonly Ratio[],
  tolerance?: number,
): { ratios: number; differences: Difference[] };
export function compareText(before: readonly Ratio[], after: readonly Ratio[]): string;
