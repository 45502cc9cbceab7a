import type { FieldKind } from './field-type.js';

/** What DynamoDB would read as another character. */
const halfCharacter = /\p{Surrogate}/u;

/** Texts, in the order of their UTF-8 bytes. */
export const string: FieldKind<string> = {
  title: '',
  wanted: 'a text that is not empty, of whole characters',
  valueOf: (given) => (typeof given === 'string' && given !== '' && !halfCharacter.test(given) ? given : undefined),
  parse: (text) => text,
  attribute: (value) => ({ S: value }),
  ofAttribute: ({ S }) => S,
  // What sorts below the end of the text would sort the text behind a longer one.
  sortText: (value) => `=${value.replace(/[\0-%]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`)}`,
  sortCharacters: 3,
};
