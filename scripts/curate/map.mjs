// The command of curate that draws a map: where each image lies, and a page to choose on.
import { figureText, imageMap, mapPage, plural } from '../../dist/internal.js';

/** @import { Input, Found } from './commands.mjs' */

/** @param {Input} input @returns {Promise<Found>} */
export async function map({ scored, limit, map: { colour, right, ...options }, signal, onProgress }) {
  const made = await imageMap(scored, {
    ...options,
    colour: right === undefined ? colour : { right },
    n: limit,
    signal,
    onProgress,
  });
  const about = `${plural(scored.items.length, 'image')}, those that look alike near each other.`;
  return {
    about,
    table: figureText(made.figure, 72),
    lines: made.places.map(({ id, x, y }) => ({ id, x, y })),
    whole: mapPage('Map', about, made),
  };
}
