/** A count with its thousands separated: `1,204`. */
export const count = (value: number): string => value.toLocaleString('en-US');

/** A count in four characters at most: `999`, `1.2k`, `16k`, `999k`, `1.2M`. */
export const briefCount = (value: number): string =>
  value.toLocaleString('en-US', { notation: 'compact', maximumSignificantDigits: 2 }).replace('K', 'k');

/** `1 row`, `1,204 rows` */
export const plural = (number: number, noun: string): string => `${count(number)} ${noun}${number === 1 ? '' : 's'}`;

/** A text of several lines as one. */
export const oneLine = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');

/** `14.5%` */
export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)}%`;
