import { asInstalled, count, didYouMean, plural } from '../../work/index.js';
import type { Statistics } from '../store/statistics.js';
import type { FieldValues } from '../store/values.js';
import { type Comparison, conjuncts, type Predicate, type Value } from './predicate.js';
import { predicateText, quoted } from './predicate-text.js';

/** So many values are named: of those that do not exist, and of those that do. */
const most = 5;
const mostNamed = 12;

/**
 * Says which values of a condition no product has, as the statistics know them: a sentence each, with what may be
 * meant. A value that must not be there is not looked at. The statistics may be older than the table, or of a sample:
 * the last sentence says so.
 */
export function unknownValues(
  predicate: Predicate,
  { values, sample, products }: Pick<Statistics, 'values' | 'sample' | 'products'>,
): string[] {
  if (!values) return [];
  const asOf = !sample
    ? 'As of the last seeding.'
    : sample.items < products
      ? `Of the ${count(sample.items)} products of a sample; others may have it.`
      : 'As of the last sample, a day old at most.';
  const notes = [...new Set(requiredTests(predicate).flatMap((test) => notesOf(test, values)))];
  const others = notes.length - most;
  const named =
    others > 0
      ? [...notes.slice(0, most), `Nor has any product ${plural(others, 'other value')} of the condition.`]
      : notes;
  return named.map((note, i) => (i === named.length - 1 ? `${note} (${asOf})` : note));
}

/** Why nothing satisfies a condition whose values all exist. */
export function emptyResult(condition: Predicate): string {
  const parts = conjuncts(condition);
  if (parts.length === 0) return asInstalled('The catalogue has no products. Seed it: npx zx scripts/seed.mjs');
  if (condition.kind === 'or' && condition.parts.length === 0) return 'No product can satisfy this condition.';
  const text = predicateText(condition);
  return parts.length === 1 ? `No product has ${text}.` : `No product has all of these at once: ${text}.`;
}

const brief = (value: Value): string => {
  const text = quoted(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
};

/** The tests that are not negated. */
function requiredTests(predicate: Predicate): Comparison[] {
  if (predicate.kind === 'test') return [predicate];
  return predicate.kind === 'not' ? [] : predicate.parts.flatMap(requiredTests);
}

function notesOf(test: Comparison, values: FieldValues): string[] {
  const { field } = test;
  const known = values[field]?.map(([value]) => value);
  if (!known) return [];
  switch (test.operator) {
    case 'eq':
    case 'in': {
      const there = new Set(known);
      const missing = [test.value].flat().filter((value) => !there.has(value));
      return missing.map((value) => `No product has ${field} ${brief(value)}.${hint(field, value, known, values)}`);
    }
    case 'beginsWith':
      return known.some((value) => String(value).startsWith(String(test.value)))
        ? []
        : [`No product has a ${field} that begins with ${brief(test.value)}.`];
    default:
      return [];
  }
}

/** What may be meant: another field that has the value, a similar value, any of a few, or any of a range. */
function hint(field: string, wanted: Value, known: readonly Value[], values: FieldValues): string {
  const other = Object.keys(values).find(
    (name) => name !== field && values[name]?.some(([value]) => value === wanted && typeof value === 'string'),
  );
  if (other !== undefined) return ` There are some with ${other} ${quoted(wanted)}.`;
  const similar = typeof wanted === 'string' ? didYouMean(wanted, known.map(String)) : '';
  if (similar !== '' || known.length === 0) return similar;
  const numbers = known.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  if (known.length <= mostNamed) {
    const named = numbers.length > 0 ? numbers : known;
    return ` The ${named.length === 1 ? 'only value is' : 'values are'} ${named.map(quoted).join(', ')}.`;
  }
  return numbers.length > 0
    ? ` The values go from ${numbers[0]} to ${numbers.at(-1)}.`
    : ` It has ${count(known.length)} others: catalogue.values('${field}').`;
}
