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
  readImages,
  similarHtml,
  suspectsHtml,
} from '../dist/internal.js';
import { cli, UsageError } from './cli.mjs';
import { openFolder, scoreProducts } from './folder-scores.mjs';
import { labelOptions } from './model-options.mjs';
import { formatTable } from './table.mjs';

const commands = { suspects, duplicates, similar: similarTo, fill };
/** Groups of duplicates on a page or in a table; --json gives all. */
const groupsShown = 200;

await cli(
  {
    usage: `zx scripts/curate.mjs ${Object.keys(commands).join('|')} DIR [options]`,
    about: `Helps to curate the images of a folder (styles.csv and images/):
  suspects    labels that the model confidently disagrees with, the likeliest wrong first
  duplicates  groups of products whose images look the same
  similar     the products most like another one, or like an image: --to
  fill        labels for blanks, where the model is confident: --attributes`,
    options: {
      ...labelOptions,
      limit: { type: 'string', value: 'N', help: 'take only the first N products' },
      attributes: { type: 'string', value: 'A,B', help: 'suspects, fill: of these attributes (suspects: default all)' },
      most: {
        type: 'string',
        value: 'N',
        help: 'suspects: at most so many (default 100); similar: so many (default 10)',
      },
      least: {
        type: 'string',
        value: 'X',
        help:
          'duplicates: similarity from which on images are the same (default 0.999); fill: confidence from ' +
          'which on (default 0.5)',
      },
      to: { type: 'string', value: 'ID|FILE', help: "similar: a product's id, or an image file" },
      out: {
        type: 'string',
        value: 'FILE.csv',
        help: 'fill: where all products go, with a column of confidences for each attribute',
      },
      html: { type: 'string', value: 'FILE', help: 'suspects, duplicates, similar: a page with the images' },
      json: { type: 'boolean', help: 'a line of JSON for each suspect, group, product' },
    },
    positionals: 2,
  },
  async ({ values, positionals: [name, folder], signal, onProgress }) => {
    if (!Object.hasOwn(commands, name ?? ''))
      throw new UsageError(
        `The command is ${name === undefined ? 'missing' : `'${name}'`}; it can be ${Object.keys(commands).join(', ')}`,
      );
    const options = {
      attributes: values.attributes?.split(','),
      most: number('most', values.most, 1),
      least: number('least', values.least, 0),
      limit: number('limit', values.limit, 1),
    };
    if (name === 'fill' && options.attributes === undefined)
      throw new UsageError('fill takes --attributes, such as --attributes season,usage');
    if (name === 'similar' && values.to === undefined)
      throw new UsageError("similar takes --to, a product's id or an image file");
    const id = parseId(values.to ?? '');
    const byFile = name === 'similar' && id === undefined;
    const query = byFile ? await readFile(values.to) : undefined;
    const opened = await openFolder(folder, { limit: options.limit, signal });
    if (name === 'similar' && !byFile && !opened.products.some((product) => product.id === id))
      throw new Error(
        `There is no product ${id} with an image ` +
          `${options.limit === undefined ? '' : `among the first ${options.limit} `}in ${folder}. Give the id ` +
          'of one, or an image file.',
      );
    const { scored, embeddings } = await scoreProducts(opened, values, {
      attributes: options.attributes,
      signal,
      onProgress,
      others: query ? [query] : [],
    });
    const to = byFile ? embeddings : id;
    const { table, lines, title, about, shown, html, rows } = await commands[name](scored, {
      ...options,
      to,
      query,
      signal,
      onProgress,
    });
    if (values.json) for (const line of lines) console.log(JSON.stringify(line));
    else console.log(`${table}\n${about}`);
    if (values.html !== undefined && name !== 'fill') {
      const images = await readImages(shown, (product) => opened.source.image(product.id));
      await write(values.html, imagePage(title, about, html(images)));
    }
    if (values.out !== undefined && name === 'fill')
      await write(values.out, csv(rows, options.attributes, opened.source.schema));
  },
);

function number(name, text, low) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !(value >= low) || (low === 1 && !Number.isSafeInteger(value)))
    throw new UsageError(`--${name} '${text}' is no ${low === 1 ? 'whole ' : ''}number of at least ${low}`);
  return value;
}

function suspects(scored, { attributes, most = 100 }) {
  const found = suspectLabels(scored, { attributes, limit: most });
  return {
    title: 'Suspect labels',
    about:
      `${found.length} labels that the model disagrees with, the likeliest wrong first, of ` +
      `${scored.items.length} products.`,
    table: formatTable(
      ['id', 'attribute', 'given', 'predicted', 'confidence %', 'product'],
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
    shown: found.map(({ item }) => item),
    html: (images) => suspectsHtml(found, images),
  };
}

async function duplicates(scored, { least, signal, onProgress }) {
  const found = await nearDuplicates(scored, { minSimilarity: least, signal, onProgress });
  const shown = found.slice(0, groupsShown);
  const range = ({ lowest, highest }) => `${lowest.toFixed(4)} to ${highest.toFixed(4)}`;
  return {
    title: 'Near-duplicates',
    about:
      `${found.length} groups, ${found.reduce((sum, { items }) => sum + items.length, 0)} of ` +
      `${scored.items.length} ` +
      `products${found.length > shown.length ? `; the largest ${shown.length} are shown (--json gives all)` : ''}.`,
    table: formatTable(
      ['images', 'similarity', 'ids', 'first product'],
      shown.map((group) => [
        group.items.length,
        range(group),
        group.items
          .slice(0, 5)
          .map(({ id }) => id)
          .join(' ') + (group.items.length > 5 ? ' …' : ''),
        nameOf(group.items[0]),
      ]),
    ),
    lines: found.map(({ items, lowest, highest }) => ({ ids: items.map(({ id }) => id), lowest, highest })),
    shown: shown.flatMap(({ items }) => items),
    html: (images) => groupsHtml(shown, images, { limit: groupsShown }),
  };
}

function similarTo(scored, { to, query, most }) {
  const found = similar(scored, to, { limit: most });
  const itself = scored.items.find(({ id }) => id === to);
  return {
    title: 'Similar products',
    about:
      `The ${found.length} most like ${itself ? `${itself.id} (${nameOf(itself)})` : 'the image'}, of ` +
      `${scored.items.length} products.`,
    table: formatTable(
      ['id', 'similarity', 'product'],
      found.map(({ item, similarity }) => [String(item.id), similarity.toFixed(4), nameOf(item)]),
    ),
    lines: found.map(({ item, similarity }) => ({ id: item.id, similarity })),
    shown: [...(itself ? [itself] : []), ...found.map(({ item }) => item)],
    html: (images) => similarHtml(itself ?? query, found, images),
  };
}

function fill(scored, { attributes, least }) {
  const { items, counts } = fillBlanks(scored, attributes, { minConfidence: least });
  const filled = items.filter(({ predicted }) => predicted !== undefined);
  return {
    about: `${filled.length} of ${items.length} products had blanks filled.`,
    table: formatTable(
      ['attribute', 'filled', 'left blank'],
      counts.map((count) => [count.attribute, count.filled, count.left]),
    ),
    lines: filled.map((item) => ({
      id: item.id,
      ...Object.fromEntries(attributes.map((name) => [name, item[name]])),
      predicted: item.predicted,
    })),
    rows: items,
  };
}

function percent(share) {
  return (share * 100).toFixed(1);
}

function nameOf({ productDisplayName = '' }) {
  return productDisplayName;
}

/** In the columns of the data set, and for each attribute the confidence of what was filled in. */
function csv(rows, attributes, schema = fashion) {
  const columns = columnNames(schema).filter((name) => name !== 'imagePath');
  const given = columns.map((name) => [name, rows.map((row) => row[name] ?? null)]);
  const confidences = attributes.map((name) => [
    `${name}Confidence`,
    rows.map(({ predicted }) => predicted?.[name] ?? null),
  ]);
  return aq.table(Object.fromEntries([...given, ...confidences])).toCSV();
}

async function write(file, text) {
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  await writeFile(file, text);
  console.error(`Written to ${file}`);
}
