import type { ValueFault } from '../field-types/index.js';
import { type IdType, type ProductId, parseId, textIdFault } from '../id.js';
import type { Schema } from '../schema.js';

/** Why a number of a file is no year, where the indexes sort by years: one of fewer digits is a typing error. */
export const yearFault = (value: number, field: string, { sort }: Schema): ValueFault | undefined =>
  field !== 'year' || sort !== 'year' || /^[1-9]\d{3}$/.test(String(value))
    ? undefined
    : { code: 'source.badYear', reason: 'is not a number of four digits. Correct it, or leave it empty.' };

/** The whole number above 0 that a text of a file stands for, also as `12.0` or `0012`; undefined where it is none. */
export function wholeNumber(text: string): number | undefined {
  const [, digits = ''] = /^0*([1-9]\d*)(?:\.0*)?$/.exec(text.trim()) ?? [];
  return parseId(digits);
}

/**
 * The id that a text of a file is: a text letter by letter, a whole number however it is written.
 *
 * @returns The id, or why it is none, to follow the text: `is empty`.
 */
export function idOfText(text: string, type: IdType = 'number'): { id: ProductId } | { fault: string } {
  const fault = type === 'string' ? textIdFault(text) : undefined;
  if (fault !== undefined) return { fault };
  const id = type === 'string' ? text : wholeNumber(text);
  return id === undefined ? { fault: 'is not a whole number above 0' } : { id };
}
