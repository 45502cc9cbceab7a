import type { FieldKind, ValueFault } from './field-type.js';

const faults = {
  form: 'is not a number. Correct it, or leave it empty.',
  size: 'cannot be held by DynamoDB: it takes 0, and 1e-130 to below 1e126 in size. Correct it, or leave it empty.',
  digits: 'has more digits than a number keeps, and would be rounded. Make the field a text: "string", not "number".',
};
const fault = (what: keyof typeof faults): ValueFault => ({ code: 'source.badNumber', reason: faults[what] });

/** Numbers that a double and DynamoDB can hold. */
export const number: FieldKind<number> = {
  title: 'a number',
  wanted: 'a number, without quotes',
  valueOf: (given) => (typeof given === 'number' && Number.isFinite(given) ? given : undefined),
  parse: parseNumber,
  attribute: (value) => ({ N: String(value) }),
  ofAttribute: ({ N }) => (N === undefined ? undefined : held(N)),
  sortText,
  sortCharacters: 6,
};

/** The number of an attribute; undefined where it has more digits than a double keeps: it would be rounded. */
function held(text: string): number | undefined {
  const value = Number(text);
  return text.length <= 15 || digitsOf(String(value)) === digitsOf(text) ? value : undefined;
}

/** The digits of a number but for the zeros at their ends, however it is written. */
const digitsOf = (text: string): string =>
  text
    .replace(/e.*$/i, '')
    .replace(/\D/g, '')
    .replace(/^0+|0+$/g, '');

/**
 * Whether DynamoDB can hold this number.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
export const isHeld = (value: number): boolean => value === 0 || (Math.abs(value) >= 1e-130 && Math.abs(value) < 1e126);

/** Why a table cannot hold a number; undefined where it can. */
export const numberFault = (value: number): ValueFault | undefined =>
  Number.isNaN(value) ? fault('form') : isHeld(value) ? undefined : fault('size');

/** The most characters of a number. */
const longest = 400;

/** The number that a text of a file stands for, however it is written: `12`, `12.0`, `-1e3`. */
export function parseNumber(text: string): number | ValueFault {
  const form = /^[+-]?(?=\.?\d)(\d*)(?:\.(\d*))?(?:e[+-]?\d+)?$/i;
  const match = text.length > longest ? null : form.exec(text);
  const value = match ? Number(text) : Number.NaN;
  const wrong = numberFault(value);
  if (wrong) return wrong;
  const digits = `${match?.[1] ?? ''}${match?.[2] ?? ''}`.replace(/^0+|0+$/g, '');
  if (value === 0 && digits !== '') return fault('size');
  // Beyond 2^53 whole numbers are rounded. A measure such as 1e20 may be that large; a barcode is no number.
  return Math.abs(value) > Number.MAX_SAFE_INTEGER && digits.length > 15 ? fault('digits') : value;
}

/**
 * A number as a text that sorts as the number does: `2012`, `0019.9`; from 10,000 on `a`, its exponent and its digits;
 * below 0 `/` and what sorts the other way round.
 */
function sortText(value: number): string {
  // Most are years, and it is asked for every product.
  if (value >= 0 && value < 10_000 && Number.isInteger(value)) return String(value).padStart(4, '0');
  if (value < 0)
    return `/${sortText(-value).replace(/[\da]/g, (sign) => (sign === 'a' ? '.' : String(9 - Number(sign))))}~`;
  const [digits = '', exponent = 0] = value
    .toExponential()
    .split('e')
    .map((part, i) => (i === 0 ? part.replace('.', '') : Number(part)));
  const text = String(digits);
  const power = Number(exponent);
  if (power >= 4) return `a${String(power).padStart(3, '0')}${text}`;
  const whole = power < 0 ? '0' : text.slice(0, power + 1).padEnd(power + 1, '0');
  const rest = power < 0 ? `${'0'.repeat(-power - 1)}${text}` : text.slice(power + 1);
  return `${whole.padStart(4, '0')}${rest === '' || value === 0 ? '' : `.${rest}`}`;
}
