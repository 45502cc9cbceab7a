import { PipelineError } from '../work/index.js';

/**
 * Checks how many things at most are asked for.
 *
 * @throws PipelineError `show.badLimit` where it is not a whole number above 0.
 */
export function checkLimit(limit: number): void {
  if (Number.isInteger(limit) && limit > 0) return;
  throw new PipelineError('show.badLimit', `The limit is ${limit}; it must be a whole number above 0.`, {
    value: limit,
  });
}
