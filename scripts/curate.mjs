// Goes through a data set folder with a model: labels that look wrong, images twice, images like another, blanks
// filled, all of them on a map.
import { readFile } from 'node:fs/promises';
import * as aq from 'arquero';
import { columnNames, fashion, imagePage, readImages, replaceFile, reviewHtml, thumbnails } from '../dist/internal.js';
import { commands } from './curate/commands.mjs';
import { cli, jsonLines, UsageError } from './lib/cli.mjs';
import { encoding, openFolder } from './lib/folder.mjs';
import { labelOptions, scoreProducts } from './lib/model.mjs';

/**
 * @import { CatalogueSource } from '../dist/index.js'
 * @import { Filled } from './curate/commands.mjs'
 */

await cli(
  {
    usage: `npx zx scripts/curate.mjs ${Object.keys(commands).join('|')} DIR [options]`,
    about: `Helps to curate the images of a folder (styles.csv and images/):
  suspects    labels that the model confidently disagrees with, the likeliest wrong first
  duplicates  groups of products whose images look the same
  similar     the products most like another one, or like an image: --to
  fill        labels for blanks, where the model is confident: --attributes
  map         every image a point, those that look alike near each other: --html`,
    options: {
      ...labelOptions,
      encoding,
      products: { type: 'integer', min: 1, help: 'take only the first N products' },
      attributes: {
        type: 'string',
        list: true,
        help: 'suspects, fill: of these attributes, joined by commas (suspects: default all)',
      },
      limit: {
        type: 'integer',
        min: 1,
        help: 'suspects: at most so many (default 100); similar: so many (default 10); map: so many (default all)',
      },
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
      colour: { type: 'string', value: 'COLUMN', help: 'map: what the points are coloured by' },
      right: { type: 'string', value: 'ATTRIBUTE', help: 'map: coloured by whether the model is right about it' },
      method: {
        type: 'string',
        choices: /** @type {const} */ (['pca', 'umap']),
        help: 'map: how it is arranged, pca (default) or umap, which takes longer and shows groups better',
      },
      seed: { type: 'integer', help: 'map: the same seed gives the same map (default 0)' },
      size: { type: 'integer', min: 8, max: 256, help: 'map: pixels of a thumbnail (default 64)' },
      thumbnails: { type: 'integer', min: 0, help: 'map: at most so many (default 4,000)' },
      to: { type: 'string', value: 'ID|FILE', help: "similar: a product's id, or an image file" },
      out: {
        type: 'string',
        value: 'FILE.csv',
        help: 'fill: where all products go, with a column of confidences for each attribute',
      },
      html: { type: 'string', value: 'FILE', help: 'suspects, duplicates, similar, map: a page with the images' },
      review: {
        type: 'string',
        value: 'FILE',
        help:
          'suspects, duplicates, fill: a page to decide about each by pictures; it gives corrections.json, which ' +
          'correct.mjs applies',
      },
      json: jsonLines('suspect, group or product'),
    },
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
    if (name === 'map' && values.html === undefined && !values.json)
      throw new UsageError('map takes --html, the page that it writes, or --json');
    const opened = await openFolder(folder, { limit: values.products, signal, encoding: values.encoding });
    const id = opened.products.find((product) => String(product.id) === values.to)?.id;
    const query =
      name === 'similar' && id === undefined ? await readQuery(values.to ?? '', folder, values.products) : undefined;
    const { scored, embeddings } = await scoreProducts(opened, values, {
      attributes: [...(values.attributes ?? []), ...(values.right === undefined ? [] : [values.right])],
      signal,
      onProgress,
      others: query ? [query] : [],
    });
    const { table, about, lines, page, whole, review, rows } = await command({
      scored,
      to: id ?? embeddings,
      query,
      attributes: values.attributes,
      limit: values.limit,
      minSimilarity: values['min-similarity'],
      minConfidence: values['min-confidence'],
      map: {
        colour: values.colour,
        right: values.right,
        method: values.method,
        seed: values.seed,
        size: values.size,
        thumbnails: values.html === undefined ? 0 : values.thumbnails,
      },
      signal,
      onProgress,
    });
    if (values.json) for (const line of lines) console.log(JSON.stringify(line));
    else console.log(`${table}\n${about}`);
    if (values.html !== undefined && page) {
      const images = await readImages(page.shown, (product) => opened.source.image(product.id));
      await write(values.html, imagePage(page.title, about, page.html(images)));
    }
    if (values.html !== undefined && whole) await write(values.html, whole);
    if (values.review !== undefined && review) {
      const { schema = fashion, image } = opened.source;
      const images = await thumbnails(await readImages(review.shown, (product) => image(product.id)));
      const labels = knownLabels(opened.products, Object.keys(schema.fields));
      const html = reviewHtml(review.what, images, { schema, labels, limit: Math.max(1, review.shown.length) });
      await write(values.review, imagePage(review.title, about, html));
    }
    if (values.out !== undefined && rows)
      await write(values.out, csv(rows, values.attributes ?? [], opened.source.schema));
  },
);

/**
 * The image that others are compared to.
 *
 * @param {string} file
 * @param {string | undefined} folder
 * @param {number | undefined} products
 */
async function readQuery(file, folder, products) {
  return readFile(file).catch((cause) => {
    if (cause.code !== 'ENOENT') throw cause;
    const among = products === undefined ? '' : `among the first ${products} `;
    throw new Error(
      `There is no product ${file} with an image ${among}in ${folder}, and no file of that name. Give the id of one, ` +
        'or an image file.',
      { cause },
    );
  });
}

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

/** The texts that fields have, to choose from. @param {readonly object[]} products @param {readonly string[]} fields */
function knownLabels(products, fields) {
  const known = (/** @type {string} */ field) =>
    new Set(products.flatMap((product) => Reflect.get(product, field) ?? []).map(String));
  return Object.fromEntries(fields.map((field) => [field, [...known(field)]]));
}

/** @param {string} file @param {string} text */
async function write(file, text) {
  await replaceFile(file, text);
  console.error(`Written to ${file}`);
}
