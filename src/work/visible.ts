/**
 * Text in which the characters that a terminal obeys instead of showing (escape sequences, changes of the direction of
 * writing) are written as escapes. Line breaks and tabs stay. Product names, ids and file names come from outside: one
 * of them must not clear a screen, colour it, or look like another one.
 *
 * @example
 * visible('Blue \u001b[2J Shirt'); // 'Blue \\u001b[2J Shirt'
 */
export const visible = (text: string): string =>
  text.replace(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The control characters but for tab and line feed, and what makes text run the other way. */
const obeyed = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
