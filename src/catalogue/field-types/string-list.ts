import type { FieldKind } from './field-type.js';
import { string } from './string.js';

/** Several texts, in their order: a list in DynamoDB, where a set of texts is read, too. */
export const stringList: FieldKind<readonly string[]> = {
  title: 'a list of texts',
  wanted: 'a list of texts that are not empty',
  valueOf: (given) =>
    Array.isArray(given) && given.every((item) => string.valueOf(item) !== undefined) ? given : undefined,
  parse: (text, separator) =>
    text
      .split(separator)
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  attribute: (value) => ({ L: value.map((S) => ({ S })) }),
  ofAttribute: ({ L, SS }) => SS ?? (L?.every(({ S }) => S !== undefined) ? L.flatMap(({ S }) => S ?? []) : undefined),
};
