import type { FieldKind } from './field-type.js';

const texts = new Map([
  ...['true', 'yes', '1'].map((text) => [text, true] as const),
  ...['false', 'no', '0'].map((text) => [text, false] as const),
]);

/** True or false; in files also `yes` and `no`, `1` and `0`. */
export const boolean: FieldKind<boolean> = {
  title: 'true or false',
  wanted: 'true or false, without quotes',
  valueOf: (given) => (typeof given === 'boolean' ? given : undefined),
  parse: (text) =>
    texts.get(text.toLowerCase()) ?? {
      code: 'source.badValue',
      reason: 'is neither true nor false (or yes, no, 1, 0). Correct it, or leave it empty.',
    },
  attribute: (value) => ({ BOOL: value }),
  ofAttribute: ({ BOOL }) => BOOL,
};
