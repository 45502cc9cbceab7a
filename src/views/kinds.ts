import { PipelineError } from '../work/index.js';

/**
 * The error for a value of a kind that a view does not take.
 *
 * @param needed - A sentence about what it takes, without its full stop.
 */
export function wrongKind(needed: string, value: unknown): PipelineError {
  return new PipelineError('show.wrongKind', `${needed}; this is ${kindOf(value)}`, { value });
}

/** What a value is, and what to do with it where it leads to what was meant. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null) return `${value}.`;
  if (typeof value === 'string' || typeof value === 'number') return `${JSON.stringify(value).slice(0, 80)}.`;
  if (typeof value !== 'object') return `a ${typeof value}.`;
  if ('then' in value) return 'a promise: write await before it.';
  if ('toArray' in value) return 'a query that has not been read: await its toArray() or table().';
  if (value instanceof Uint8Array) return 'the bytes of an image, without a row: await dataset.picture(row) has both.';
  if (Array.isArray(value)) {
    const at = value.findIndex((item) => typeof item !== 'object' || item === null);
    return at < 0 ? 'an array of something else.' : `an array with ${JSON.stringify(value[at]) ?? 'undefined'} in it.`;
  }
  if (Symbol.iterator in value) return 'no array: [...it] makes one.';
  const name = value.constructor?.name ?? 'Object';
  return name === 'Object' ? `an object with ${Object.keys(value).slice(0, 5).join(', ') || 'nothing'}.` : `a ${name}.`;
}
