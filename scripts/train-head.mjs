// Teaches the model an attribute of your own: a new head on its features, from an exported folder or a data set on
// disk.
import path from 'node:path';
import { clients, Pipeline, trainHead } from '../dist/index.js';
import { count, factsInWords, percent, readLabels } from '../dist/internal.js';
import { announce } from './lib/account.mjs';
import { cli, consent, json, UsageError } from './lib/cli.mjs';
import { encoding, openFolder, printReasons } from './lib/folder.mjs';
import { modelOptions } from './lib/model.mjs';

/** @import { Item, Row, TrainedHead } from '../dist/index.js' */

await cli(
  {
    usage:
      'npx zx scripts/train-head.mjs --attribute COLUMN (--folder FOLDER | --dataset DIR) [--labels FILE.csv] ' +
      '[options]',
    about:
      'Trains a head for an attribute of your own on the features of a model, which stay as they are: ' +
      'seconds to minutes, on the WebAssembly\nbackend too. The result is a model for loadModel, predict.mjs ' +
      'and pipeline.infer.',
    options: {
      attribute: { type: 'string', value: 'COLUMN', help: 'the column that has the labels' },
      folder: { type: 'string', value: 'FOLDER', help: 'a data set that a query exported to the bucket' },
      dataset: { type: 'string', value: 'DIR', help: 'a data set on disk: styles.csv and images/<id>.jpg' },
      labels: {
        type: 'string',
        value: 'FILE.csv',
        help: 'a file with the columns id and COLUMN, for labels that the data set does not have',
      },
      encoding,
      out: { type: 'string', value: 'DIR', default: 'out/head', help: 'where the model goes' },
      ...modelOptions,
      'min-images': { type: 'integer', min: 1, default: 5, help: 'leave out labels with fewer images to train on' },
      products: { type: 'integer', min: 1, help: 'take only the first N products' },
      seed: { type: 'integer', min: 0, default: 1, help: 'decides the order of the images' },
      aws: consent,
      json,
    },
    resume: 'Nothing was written; run it again.',
  },
  async ({ values, signal, onProgress }) => {
    const { attribute, folder, dataset, out, model, backend, seed } = values;
    if (attribute === undefined) throw new UsageError('--attribute COLUMN is missing: the column that has the labels');
    if ((folder === undefined) === (dataset === undefined))
      throw new UsageError('give either --folder FOLDER or --dataset DIR');
    const { items, data, origin, close } = await (folder === undefined
      ? onDisk(dataset, signal, values.labels === undefined ? values.encoding : undefined)
      : inBucket(folder, values.aws));
    const labelled =
      values.labels === undefined ? items : await withLabels(items, attribute, values.labels, values.encoding);
    const done = await trainHead(labelled.slice(0, values.products), {
      attribute,
      data,
      ...(origin && { origin }),
      minImages: values['min-images'],
      seed,
      signal,
      onProgress,
      out: path.resolve(out),
      model,
      backend,
    });
    close();
    if (values.json) console.log(JSON.stringify(done));
    else print(done, out);
  },
);

/**
 * What to train on.
 *
 * @typedef {object} Images
 * @property {readonly Item[]} items
 * @property {(item: Item) => Promise<Uint8Array>} data The encoded image of an item.
 * @property {(item: Item) => string | undefined} [origin] The MD5 of the image that its own was made of.
 * @property {() => void} close
 */

/**
 * @param {string | undefined} folder
 * @param {AbortSignal} signal
 * @param {string | undefined} encoding
 * @returns {Promise<Images>}
 */
async function onDisk(folder, signal, encoding) {
  const { source, products } = await openFolder(folder, { signal, encoding });
  return { items: products, data: ({ id }) => source.image(id), close() {} };
}

/** @param {string} folder @param {boolean | undefined} allowAws @returns {Promise<Images>} */
async function inBucket(folder, allowAws) {
  const aws = clients({ allowAws });
  await announce(aws);
  const dataset = await new Pipeline(aws).open(folder);
  const origins = new Map((await dataset.origins()).map((md5, i) => [dataset.rows[i]?.id, md5]));
  // Its rows are the only items that there are.
  return {
    items: dataset.rows,
    data: (row) => dataset.image(/** @type {Row} */ (row)),
    origin: ({ id }) => origins.get(id),
    close: () => aws.close(),
  };
}

/**
 * The items that the file has a label for, with it.
 *
 * @param {readonly Item[]} items
 * @param {string} attribute
 * @param {string} file
 * @param {string | undefined} encoding
 */
async function withLabels(items, attribute, file, encoding) {
  const { labels, unlabelled, report, head } = await readLabels(file, attribute, {
    encoding,
    idType: typeof items[0]?.id === 'string' ? 'string' : 'number',
  });
  printReasons(report.reasons);
  if (unlabelled > 0) console.error(`${file}: ${count(unlabelled)} rows have no label`);
  const labelled = items.flatMap((item) =>
    labels.has(item.id) ? [{ ...item, [attribute]: labels.get(item.id) }] : [],
  );
  if (labelled.length > 0) return labelled;
  const [id] = labels.keys();
  throw new Error(
    `${file} has labels of other ids than the data set: of ${id}, for one, not of ${items[0]?.id}` +
      `${head ? ` (read as ${factsInWords(head)})` : ''}`,
  );
}

/** @param {TrainedHead} head @param {string} out */
function print({ labels, images, leftOut, metric, seconds }, out) {
  const rare = Object.keys(leftOut).length;
  const others = images.otherSides;
  console.log(
    `${labels.length} labels, ${count(images.trained)} images in ${seconds.toFixed(1)} ` +
      `s${rare > 0 ? ` (${rare} labels are too rare)` : ''}` +
      `${others > 0 ? `; ${count(others)} on other sides of the split left alone` : ''}`,
  );
  const seen = images.heldOutSeen > 0 ? ` (${count(images.heldOutSeen)} of them the model below was trained on)` : '';
  console.log(
    `On ${count(metric.images)} images held out${seen}: ${percent(metric.accuracy)} right, ` +
      `macro-F1 ${percent(metric.macroF1)} (always the most frequent label: ${percent(metric.majority)})`,
  );
  console.log(`The model is in ${out}. Try it: npx zx scripts/predict.mjs DIR --model ${out}`);
}
