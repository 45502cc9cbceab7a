import { PipelineError } from '../work/index.js';
import type { Scored } from './scored.js';

/**
 * Makes sure that a function of curation is given what was scored: a data set by itself has no predictions.
 *
 * @param name The function's name, for the message.
 * @param parts What the function reads of it.
 * @throws PipelineError `curation.notScored`
 */
export function checkScored(
  given: unknown,
  name: string,
  parts: readonly (keyof Scored)[] = ['model', 'items', 'predictions', 'scores'],
): void {
  const isObject = typeof given === 'object' && given !== null;
  if (isObject && parts.every((part) => part in given)) return;
  const remedy =
    isObject && 'then' in given
      ? 'It is a promise: write await before what makes it.'
      : `Score it first: const scored = await pipeline.score(dataset); then ${name}(scored).`;
  throw new PipelineError('curation.notScored', `${name} takes what was scored, not ${kindOf(given)}. ${remedy}`, {
    value: given,
  });
}

function kindOf(given: unknown): string {
  if (Array.isArray(given)) return 'a list';
  if (typeof given !== 'object' || given === null) return String(given);
  if ('then' in given) return 'a promise';
  return 'rows' in given && 'manifest' in given ? 'a data set' : 'another object';
}
