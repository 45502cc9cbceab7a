import type { FieldKind } from './field-type.js';

const day = /(\d{4})-(\d\d)-(\d\d)/;
const time = /([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,9}))?)?/;
const zone = /(Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)/;
const form = new RegExp(`^${day.source}(?:[T ]${time.source}${zone.source}?)?$`, 'i');

/**
 * A date of ISO 8601, as `2024-05-31`, or a time, as `2024-05-31T18:30:00.000Z`: kept in UTC to the millisecond, so
 * that the order of the texts is that of the times. A time without a zone is one in UTC; a date sorts before its times.
 */
export const date: FieldKind<string> = {
  title: 'a date',
  wanted: 'a date or time of ISO 8601, such as 2024-05-31 or 2024-05-31T18:30:00Z',
  valueOf: (given) => (given instanceof Date ? isoOf(given) : typeof given === 'string' ? canonical(given) : undefined),
  parse: (text) =>
    canonical(text) ?? {
      code: 'source.badValue',
      reason: 'is not a date of ISO 8601, such as 2024-05-31 or 2024-05-31T18:30:00Z. Correct it, or leave it empty.',
    },
  attribute: (value) => ({ S: value }),
  ofAttribute: ({ S }) => (S === undefined ? undefined : canonical(S)),
  sortText: (value) => value,
  sortCharacters: 7,
};

function canonical(text: string): string | undefined {
  const match = form.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second = '00', fraction = '', zone = 'Z'] = match;
  const date = `${year}-${month}-${day}`;
  // 30 February is none.
  if (isoOf(new Date(`${date}T00:00Z`))?.slice(0, 10) !== date) return undefined;
  if (hour === undefined) return date;
  const offset = zone.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2');
  return isoOf(new Date(`${date}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`));
}

/** A time that a text of four digits for the year can have. */
function isoOf(time: Date): string | undefined {
  const text = Number.isNaN(time.getTime()) ? '' : time.toISOString();
  return /^\d{4}-/.test(text) ? text : undefined;
}
