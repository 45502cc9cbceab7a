// The commands of curate: what each finds in a scored data set, and how it is shown.
import { fillBlanks, nearDuplicates, similar, suspectLabels } from '../../dist/index.js';
import { count, groupsHtml, percent, plural, similarHtml, suspectsHtml } from '../../dist/internal.js';
import { formatTable } from '../lib/table.mjs';
import { map } from './map.mjs';

/**
 * @import { MapOptions, OnProgress, Product, Reviewable, Scored } from '../../dist/index.js'
 * @typedef {Parameters<typeof suspectsHtml<Product>>[1]} Images
 */

/**
 * A command's input: the scored products, what they are compared to (an id, or an embedding of the image `query`), and
 * what the command line says.
 *
 * @typedef {object} Input
 * @property {Scored<Product>} scored
 * @property {number | Float32Array} to
 * @property {Uint8Array | undefined} query
 * @property {string[] | undefined} attributes
 * @property {number | undefined} limit
 * @property {number | undefined} minSimilarity
 * @property {number | undefined} minConfidence
 * @property {Omit<MapOptions<Product>, 'colour'> & { colour?: string | undefined, right?: string | undefined }} map
 * @property {AbortSignal} signal
 * @property {OnProgress} onProgress
 */

/**
 * What a command found: for the terminal, for --json, and for a page of images or a file of rows.
 *
 * @typedef {object} Found
 * @property {string} table
 * @property {string} about
 * @property {object[]} lines
 * @property {{ title: string, shown: readonly Product[], html: (images: Images) => string }} [page]
 * @property {{ title: string, what: Reviewable<Product>, shown: readonly Product[] }} [review]
 * @property {string} [whole] A page of its own.
 * @property {readonly Filled[]} [rows]
 * @typedef {Product & { predicted?: Readonly<Record<string, number>> }} Filled
 */

/** Groups of duplicates on a page or in a table; --json prints all. */
const groupsShown = 200;

/** @type {Record<string, (input: Input) => Found | Promise<Found>>} */
export const commands = { suspects, duplicates, similar: similarTo, fill, map };

/** @param {Input} input @returns {Found} */
function suspects({ scored, attributes, limit }) {
  const found = suspectLabels(scored, { attributes, limit });
  return {
    about:
      `${plural(found.length, 'label')} that the model disagrees with, the likeliest wrong first, of ` +
      `${plural(scored.items.length, 'product')}.`,
    table: formatTable(
      ['id', 'attribute', 'given', 'predicted', 'confidence', 'product'],
      found.map(({ item, attribute, label, predicted, confidence }) => [
        String(item.id),
        attribute,
        label,
        predicted,
        percent(confidence),
        item.productDisplayName,
      ]),
    ),
    lines: found.map(({ item, ...suspect }) => ({ id: item.id, ...suspect })),
    page: {
      title: 'Suspect labels',
      shown: found.map(({ item }) => item),
      html: (images) => suspectsHtml(found, images, { limit: Math.max(1, found.length) }),
    },
    review: { title: 'Suspect labels', what: found, shown: found.map(({ item }) => item) },
  };
}

/** @param {Input} input @returns {Promise<Found>} */
async function duplicates({ scored, minSimilarity, signal, onProgress }) {
  const found = await nearDuplicates(scored, { minSimilarity, signal, onProgress });
  const shown = found.slice(0, groupsShown);
  const products = found.reduce((sum, { items }) => sum + items.length, 0);
  const cut = found.length > shown.length ? `; the largest ${count(shown.length)} are shown (--json prints all)` : '';
  return {
    about: `${plural(found.length, 'group')}, ${count(products)} of ${plural(scored.items.length, 'product')}${cut}.`,
    table: formatTable(
      ['images', 'similarity', 'ids', 'first product'],
      shown.map(({ items, lowest, highest }) => [
        items.length,
        `${lowest.toFixed(4)} to ${highest.toFixed(4)}`,
        items
          .slice(0, 5)
          .map(({ id }) => id)
          .join(' ') + (items.length > 5 ? ' …' : ''),
        items[0]?.productDisplayName,
      ]),
    ),
    lines: found.map(({ items, lowest, highest }) => ({ ids: items.map(({ id }) => id), lowest, highest })),
    page: {
      title: 'Near-duplicates',
      shown: shown.flatMap(({ items }) => items),
      html: (images) => groupsHtml(shown, images, { limit: groupsShown }),
    },
    review: { title: 'Near-duplicates', what: shown, shown: shown.flatMap(({ items }) => items) },
  };
}

/** @param {Input} input @returns {Found} */
function similarTo({ scored, to, query, limit }) {
  const found = similar(scored, to, { limit });
  const itself = scored.items.find(({ id }) => id === to);
  const subject = itself ?? query;
  const name = itself ? `${itself.id} (${itself.productDisplayName ?? ''})` : 'the image';
  return {
    about: `The ${count(found.length)} most like ${name}, of ${plural(scored.items.length, 'product')}.`,
    table: formatTable(
      ['id', 'similarity', 'product'],
      found.map(({ item, similarity }) => [String(item.id), similarity.toFixed(4), item.productDisplayName]),
    ),
    lines: found.map(({ item, similarity }) => ({ id: item.id, similarity })),
    page: subject && {
      title: 'Similar products',
      shown: [...(itself ? [itself] : []), ...found.map(({ item }) => item)],
      html: (images) => similarHtml(subject, found, images),
    },
  };
}

/** @param {Input} input @returns {Found} */
function fill({ scored, attributes = [], minConfidence }) {
  const { items, counts } = fillBlanks(scored, attributes, { minConfidence });
  const filled = items.filter(({ predicted }) => predicted !== undefined);
  return {
    about: `${count(filled.length)} of ${plural(items.length, 'product')} had blanks filled.`,
    table: formatTable(
      ['attribute', 'filled', 'left blank'],
      counts.map(({ attribute, filled, left }) => [attribute, filled, left]),
    ),
    lines: filled.map((item) => ({ id: item.id, ...columnsOf(item, attributes), predicted: item.predicted })),
    rows: items,
    review: { title: 'Filled blanks', what: filled, shown: filled },
  };
}

/** @param {Filled} item @param {readonly string[]} names */
const columnsOf = (item, names) => Object.fromEntries(names.map((name) => [name, Reflect.get(item, name)]));
