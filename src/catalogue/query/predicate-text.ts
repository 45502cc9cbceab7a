import type { Comparison, Predicate } from './condition.js';

const signs = { eq: '=', gt: '>', gte: '≥', lt: '<', lte: '≤', beginsWith: 'begins with' } as const;

/**
 * A predicate in words; an empty text where every product satisfies it.
 *
 * @example
 * import { parseCondition } from './condition.js';
 * predicateText(parseCondition({ gender: 'Men', year: { gt: 2012 } })); // "gender = 'Men' and year > 2012"
 */
export function predicateText(predicate: Predicate): string {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.parts
        .map((part) => (part.kind === 'and' || part.kind === 'or' ? `(${predicateText(part)})` : predicateText(part)))
        .join(` ${predicate.kind} `);
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
      return `${test.field} in ${test.value.map(quoted).join(', ')}`;
    default:
      return `${test.field} ${signs[test.operator]} ${quoted(test.value)}`;
  }
}

const quoted = (value: string | number): string => (typeof value === 'number' ? String(value) : `'${value}'`);
