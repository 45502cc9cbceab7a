import { UsageError } from './cli.mjs';

/** An option's text as a whole number of at least `low`. */
export function wholeNumber(name, text, low) {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < low)
    throw new UsageError(`--${name} '${text}' is no whole number of at least ${low}`);
  return value;
}
