import type { Item } from '../../model/index.js';
import { distanceOf, intervals } from './distribution.js';
import type { FieldDrift } from './result.js';

/** Columns that name an image and do not describe it. */
const names = new Set(['id', 'imagePath', 'variant', 'transforms']);

const blank = '(none)';

/** How far the columns of two lists of rows are apart, the farthest first, and which were skipped. */
export function columnsOf(
  before: readonly Item[],
  after: readonly Item[],
): { columns: FieldDrift[]; skipped: string[] } {
  const fields = [...new Set([...before, ...after].flatMap((item) => Object.keys(item)))].filter(
    (name) => !names.has(name),
  );
  const columns: FieldDrift[] = [];
  const skipped: string[] = [];
  for (const field of fields) {
    const [a, b] = [valuesOf(before, field), valuesOf(after, field)];
    const numbers = [...a, ...b].filter((value) => value !== null);
    const isNumeric = numbers.length > 0 && numbers.every((value) => typeof value === 'number');
    const interval = isNumeric ? intervals(a.filter((value) => typeof value === 'number')) : String;
    const textOf = (value: unknown) =>
      value === null ? blank : typeof value === 'number' ? interval(value) : String(value);
    const [textsA, textsB] = [a.map(textOf), b.map(textOf)];
    // Of names that are nearly all different, the shares say nothing.
    if (new Set([...textsA, ...textsB]).size > Math.max(50, (before.length + after.length) / 20)) skipped.push(field);
    else columns.push({ field, ...distanceOf(textsA, textsB) });
  }
  return { columns: columns.sort((x, y) => y.distance - x.distance), skipped };
}

/** The values of a field; of a list each of its items. */
const valuesOf = (items: readonly Item[], field: string): unknown[] =>
  items.flatMap((item) => {
    const value: unknown = Reflect.get(item, field);
    if (value === undefined || value === null || value === '') return [null];
    return Array.isArray(value) ? value : [value];
  });
