// Goes through a data set folder with a model: labels that look wrong, images twice, images like another, blanks
// filled.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as aq from 'arquero';
import { fillBlanks, nearDuplicates, similar, suspectLabels } from '../dist/index.js';
import {
  columnNames,
  fashion,
  groupsHtml,
  imagePage,
  parseId,
  percent,
  readImages,
  similarHtml,
  suspectsHtml,
} from '../dist/internal.js';
import { cli, UsageError } from './lib/cli.mjs';
import { openFolder } from './lib/folder.mjs';
import { labelOptions, scoreProducts } from './lib/model.mjs';
import { formatTable } from './lib/table.mjs';

/**
 * @import { CatalogueSource, OnProgress, Product, Scored } from '../dist/index.js'
 * @import { Options, Values } from './lib/options.mjs'
 * @typedef {Parameters<typeof suspectsHtml<Product>>[1]} Images
 */

/**
 * A command's input: the scored products, what they are compared to (an id, or an embedding of the image `query`), and
 * the options of the command line.
 *
 * @typedef {object} Input
 * @property {Scored<Product>} scored
 * @property {number | Float32Array} to
 * @property {Uint8Array | undefined} query
 * @property {Values<typeof options>} values
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
 * @property {readonly Filled[]} [rows]
 * @typedef {Product & { predicted?: Readonly<Record<string, number>> }} Filled
 */

/** @type {Record<string, (input: Input) => Found | Promise<Found>>} */
const commands = { suspects, duplicates, similar: similarTo, fill };
/** Groups of duplicates on a page or in a table; --json gives all. */
const groupsShown = 200;

const options = /** @satisfies {Options} */ ({
  ...labelOptions,
  products: { type: 'integer', min: 1, help: 'take only the first N products' },
  attributes: {
    type: 'string',
    list: true,
    help: 'suspects, fill: of these attributes, joined by commas (suspects: default all)',
  },
  limit: { type: 'integer', min: 1, help: 'suspects: at most so many (default 100); similar: so many (default 10)' },
  'min-similarity': {
    type: 'number',
    value: 'X',
    min: 0,
    max: 1,
    help: 'duplicates: similarity from which on images are the same (default 0.999)',
  },
  'min-confidence': {
    type: 'number',
    value: 'X',
    min: 0,
    max: 1,
    help: 'fill: confidence from which on a blank is filled (default 0.5)',
  },
  to: { type: 'string', value: 'ID|FILE', help: "similar: a product's id, or an image file" },
  out: {
    type: 'string',
    value: 'FILE.csv',
    help: 'fill: where all products go, with a column of confidences for each attribute',
  },
  html: { type: 'string', value: 'FILE', help: 'suspects, duplicates, similar: a page with the images' },
  json: { type: 'boolean', help: 'a line of JSON for each suspect, group, product' },
});

await cli(
  {
    usage: `npx zx scripts/curate.mjs ${Object.keys(commands).join('|')} DIR [options]`,
    about: `Helps to curate the images of a folder (styles.csv and images/):
  suspects    labels that the model confidently disagrees with, the likeliest wrong first
  duplicates  groups of products whose images look the same
  similar     the products most like another one, or like an image: --to
  fill        labels for blanks, where the model is confident: --attributes`,
    options,
    positionals: 2,
  },
  async ({ values, positionals: [name = '', folder], signal, onProgress }) => {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command)
      throw new UsageError(
        `The command is ${name === '' ? 'missing' : `'${name}'`}; it can be ${Object.keys(commands).join(', ')}`,
      );
    if (name === 'fill' && values.attributes === undefined)
      throw new UsageError('fill takes --attributes, such as --attributes season,usage');
    if (name === 'similar' && values.to === undefined)
      throw new UsageError("similar takes --to, a product's id or an image file");
    const id = parseId(values.to ?? '');
    const query = name === 'similar' && id === undefined ? await readFile(values.to ?? '') : undefined;
    const opened = await openFolder(folder, { limit: values.products, signal });
    if (name === 'similar' && !query && !opened.products.some((product) => product.id === id))
      throw new Error(
        `There is no product ${id} with an image ` +
          `${values.products === undefined ? '' : `among the first ${values.products} `}in ${folder}. Give the id ` +
          'of one, or an image file.',
      );
    const { scored, embeddings } = await scoreProducts(opened, values, {
      attributes: values.attributes,
      signal,
      onProgress,
      others: query ? [query] : [],
    });
    const { table, about, lines, page, rows } = await command({
      scored,
      to: id ?? embeddings,
      query,
      values,
      signal,
      onProgress,
    });
    if (values.json) for (const line of lines) console.log(JSON.stringify(line));
    else console.log(`${table}\n${about}`);
    if (values.html !== undefined && page) {
      const images = await readImages(page.shown, (product) => opened.source.image(product.id));
      await write(values.html, imagePage(page.title, about, page.html(images)));
    }
    if (values.out !== undefined && rows)
      await write(values.out, csv(rows, values.attributes ?? [], opened.source.schema));
  },
);

/** @param {Input} input @returns {Found} */
function suspects({ scored, values: { attributes, limit } }) {
  const found = suspectLabels(scored, { attributes, limit });
  return {
    about:
      `${found.length} labels that the model disagrees with, the likeliest wrong first, of ` +
      `${scored.items.length} products.`,
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
      html: (images) => suspectsHtml(found, images),
    },
  };
}

/** @param {Input} input @returns {Promise<Found>} */
async function duplicates({ scored, values, signal, onProgress }) {
  const found = await nearDuplicates(scored, { minSimilarity: values['min-similarity'], signal, onProgress });
  const shown = found.slice(0, groupsShown);
  const products = found.reduce((sum, { items }) => sum + items.length, 0);
  const cut = found.length > shown.length ? `; the largest ${shown.length} are shown (--json gives all)` : '';
  return {
    about: `${found.length} groups, ${products} of ${scored.items.length} products${cut}.`,
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
  };
}

/** @param {Input} input @returns {Found} */
function similarTo({ scored, to, query, values: { limit } }) {
  const found = similar(scored, to, { limit });
  const itself = scored.items.find(({ id }) => id === to);
  const subject = itself ?? query;
  const name = itself ? `${itself.id} (${itself.productDisplayName ?? ''})` : 'the image';
  return {
    about: `The ${found.length} most like ${name}, of ${scored.items.length} products.`,
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
function fill({ scored, values: { attributes = [], 'min-confidence': minConfidence } }) {
  const { items, counts } = fillBlanks(scored, attributes, { minConfidence });
  const filled = items.filter(({ predicted }) => predicted !== undefined);
  return {
    about: `${filled.length} of ${items.length} products had blanks filled.`,
    table: formatTable(
      ['attribute', 'filled', 'left blank'],
      counts.map((count) => [count.attribute, count.filled, count.left]),
    ),
    lines: filled.map((item) => ({ id: item.id, ...columnsOf(item, attributes), predicted: item.predicted })),
    rows: items,
  };
}

/** @param {Filled} item @param {readonly string[]} names */
const columnsOf = (item, names) => Object.fromEntries(names.map((name) => [name, Reflect.get(item, name)]));

/**
 * In the columns of the data set, and for each attribute the confidence of what was filled in.
 *
 * @param {readonly Filled[]} rows
 * @param {readonly string[]} attributes
 * @param {CatalogueSource['schema']} [schema]
 */
function csv(rows, attributes, schema = fashion) {
  const columns = columnNames(schema).filter((name) => name !== 'imagePath');
  const given = columns.map((name) => [name, rows.map((row) => Reflect.get(row, name) ?? null)]);
  const confidences = attributes.map((name) => [
    `${name}Confidence`,
    rows.map(({ predicted }) => predicted?.[name] ?? null),
  ]);
  return aq.table(Object.fromEntries([...given, ...confidences])).toCSV();
}

/** @param {string} file @param {string} text */
async function write(file, text) {
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  await writeFile(file, text);
  console.error(`Written to ${file}`);
}
