import type { Comparison, Value } from './predicate.js';

/** The values that a test compares with. */
export const valuesOf = (test: Comparison): readonly Value[] =>
  test.operator === 'exists' ? [] : typeof test.value === 'object' ? test.value : [test.value];

/**
 * Whether a test orders texts by characters from U+E000 on, whose order in UTF-16 is not that in UTF-8. DynamoDB takes
 * the latter, the embedded emulator the former.
 */
export const ordersRareCharacters = (test: Comparison): boolean =>
  ['gt', 'gte', 'lt', 'lte', 'between'].includes(test.operator) &&
  valuesOf(test).some((value) => typeof value === 'string' && /[\ud800-\uffff]/.test(value));
