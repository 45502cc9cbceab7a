import { count } from '../../work/index.js';
import type { Comparison, Predicate, Value } from './predicate.js';

const signs = {
  eq: '=',
  gt: '>',
  gte: '≥',
  lt: '<',
  lte: '≤',
  beginsWith: 'begins with',
  contains: 'contains',
} as const;

/** Of longer lists, so many are named. */
const named = 10;

/**
 * A predicate in words; an empty text where every product satisfies it. Of long lists, the first ten are named.
 *
 * @example
 * import { parseCondition } from './condition.js';
 * predicateText(parseCondition({ gender: 'Men', year: { gt: 2012 } })); // "gender = 'Men' and year > 2012"
 */
export function predicateText(predicate: Predicate): string {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.kind === 'or' && predicate.parts.length === 0
        ? 'nothing'
        : listed(
            predicate.parts,
            (part) => (part.kind === 'and' || part.kind === 'or' ? `(${predicateText(part)})` : predicateText(part)),
            ` ${predicate.kind} `,
          );
    case 'not':
      return `not (${predicateText(predicate.part)})`;
    case 'test':
      return testText(predicate);
  }
}

function testText(test: Comparison): string {
  switch (test.operator) {
    case 'exists':
      return `${test.field} is ${test.value ? 'there' : 'blank'}`;
    case 'between':
      return `${test.field} from ${quoted(test.value[0])} to ${quoted(test.value[1])}`;
    case 'in':
      return `${test.field} in ${listed(test.value, quoted, ', ')}`;
    default:
      return `${test.field} ${signs[test.operator]} ${quoted(test.value)}`;
  }
}

/** A value as a person writes it in a condition. */
export const quoted = (value: Value): string => (typeof value === 'string' ? `'${value}'` : String(value));

function listed<T>(items: readonly T[], text: (item: T) => string, separator: string): string {
  const texts = items.slice(0, named).map(text).join(separator);
  return items.length > named ? `${texts}${separator}… (${count(items.length)} in all)` : texts;
}
