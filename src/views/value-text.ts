import { visible } from '../work/index.js';

/** The last word of the name of a column whose numbers are names, not amounts: `id`, `parentId`, `model_year`. */
const naming = /^(ids?|years?|date|code|sku|zip|key|seed)$/i;

/**
 * Whether the numbers of a column are names: ids, years. They are written without commas. Its name says so, or that all
 * are whole numbers from 1900 to 2100.
 */
export function areNames(values: readonly unknown[], column = ''): boolean {
  const words = column.replace(/([a-z])([A-Z])/g, '$1 $2').split(/[^\p{L}\p{N}]+/u);
  if (naming.test(words.at(-1) ?? '')) return true;
  const numbers = values.filter((value) => Number.isFinite(value));
  return numbers.every((value) => Number.isInteger(value) && Number(value) >= 1900 && Number(value) <= 2100);
}

/**
 * A value as a person reads it: numbers to four digits, and all those before the point, with commas (`44,441`) except
 * where they are names; a list by its items, an object with a name (a transform) as the name and its other keys and
 * values, any other object as JSON.
 *
 * @param column - The name of its column.
 */
export function valueText(value: unknown, column = ''): string {
  if (typeof value === 'number') return numberText(rounded(value), !areNames([value], column));
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => valueText(item, column)).join(', ');
  if (!('name' in value)) return JSON.stringify(value);
  const { name, ...rest } = value;
  return [name, ...Object.entries(rest).flat()].map((part) => valueText(part)).join(' ');
}

/** A number with all its digits, its thousands separated where they are `grouped`, and with as many decimals. */
export function numberText(value: number, grouped: boolean, decimals?: number): string {
  if (!Number.isFinite(value) || String(value).includes('e')) return String(value);
  return value.toLocaleString('en-US', {
    useGrouping: grouped,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals ?? 20,
  });
}

/** Numbers with the same decimals: as many as the one needs that has most at four digits. Blanks as `null`. */
export function numberTexts(values: readonly unknown[], column = ''): string[] {
  const grouped = !areNames(values, column);
  const written = (value: unknown, decimals?: number) =>
    typeof value === 'number'
      ? numberText(decimals === undefined ? rounded(value) : value, grouped, decimals)
      : valueText(value);
  const texts = values.map((value) => written(value));
  if (texts.some((text) => text.includes('e'))) return texts;
  const decimals = Math.max(0, ...texts.map((text) => text.split('.')[1]?.length ?? 0));
  return values.map((value) => written(value, decimals));
}

/** To four digits, and all of those before the point. */
const rounded = (value: number): number =>
  Number.isInteger(value) ? value : Number(value.toPrecision(Math.max(4, Math.trunc(value).toString().length)));

/** One line of at most `length` characters; an ellipsis stands for what is cut off. */
export function cut(text: string, length: number): string {
  const line = visible(text.replace(/[\r\n]+/g, ' '));
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
