import { type IdType, type ProductId, parseId, textIdFault } from './id.js';
import type { Schema } from './schema.js';

/** Why a number cannot be the value of a field, to follow its name: `is not a number. Correct it, …` */
export interface NumberFault {
  code: 'source.badNumber' | 'source.badYear';
  reason: string;
}

const faults = {
  form: 'is not a number. Correct it, or leave it empty.',
  year: 'is not a number of four digits. Correct it, or leave it empty.',
  sort:
    'is not a whole number of up to four digits, as the indexes need to sort by it. Correct it, or leave it empty; ' +
    "or leave 'sort' out of the schema.",
  size: 'cannot be held by DynamoDB: it takes 0, and 1e-130 to below 1e126 in size. Correct it, or leave it empty.',
  digits: 'has more digits than a number keeps, and would be rounded. Make the field a text: "string", not "number".',
};

const fault = (what: keyof typeof faults): NumberFault => ({
  code: what === 'year' ? 'source.badYear' : 'source.badNumber',
  reason: faults[what],
});

/**
 * What is wrong with a number as the value of a field; undefined where a table can hold it and its indexes sort by it.
 * Both the reading of files and the writing of items ask here.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
export function numberFault(value: number, field: string, { sort }: Schema): NumberFault | undefined {
  if (field === sort) {
    if (/^\d{1,4}$/.test(String(value))) return;
    return fault(field === 'year' ? 'year' : 'sort');
  }
  if (Number.isNaN(value)) return fault('form');
  return isHeld(value) ? undefined : fault('size');
}

/** Whether DynamoDB can hold this number. */
export const isHeld = (value: number): boolean => value === 0 || (Math.abs(value) >= 1e-130 && Math.abs(value) < 1e126);

/** The most characters of a number. */
const longest = 400;

/**
 * The number that a text of a file stands for, however it is written: `12`, `12.0`, `-1e3`.
 *
 * @returns The number, or why the text is not a value of the field.
 */
export function parseNumber(text: string, field: string, schema: Schema): number | NumberFault {
  const form = /^[+-]?(?=\.?\d)(\d*)(?:\.(\d*))?(?:e[+-]?\d+)?$/i;
  const match = text.length > longest ? null : form.exec(text);
  const value = match ? Number(text) : Number.NaN;
  const wrong = numberFault(value, field, schema);
  if (wrong) return wrong;
  // A year of fewer digits in a file is a typing error.
  if (field === 'year' && field === schema.sort && value < 1000) return fault('year');
  const digits = `${match?.[1] ?? ''}${match?.[2] ?? ''}`.replace(/^0+|0+$/g, '');
  if (value === 0 && digits !== '') return fault('size');
  // Beyond 2^53 whole numbers are rounded. A measure such as 1e20 may be that large; a barcode is no number.
  return Math.abs(value) > Number.MAX_SAFE_INTEGER && digits.length > 15 ? fault('digits') : value;
}

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
