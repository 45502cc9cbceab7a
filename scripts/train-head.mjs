// Teaches the model an attribute of your own: a new head on its features, from an exported folder or a data set on
// disk.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import Papa from 'papaparse';
import { clients, Pipeline, trainHead } from '../dist/index.js';
import { parseId } from '../dist/internal.js';
import { announce, cli, UsageError } from './cli.mjs';
import { openFolder } from './folder-scores.mjs';
import { modelOptions } from './model-options.mjs';
import { wholeNumber } from './numbers.mjs';

await cli(
  {
    usage:
      'zx scripts/train-head.mjs --attribute COLUMN (--folder FOLDER | --dataset DIR) [--labels FILE.csv] [options]',
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
        help: 'a file with the columns id and COLUMN, for labels that the data set has not',
      },
      out: { type: 'string', value: 'DIR', default: 'out/head', help: 'where the model goes (default out/head)' },
      ...modelOptions,
      least: {
        type: 'string',
        value: 'N',
        default: '5',
        help: 'leave out labels with fewer images to train on (default 5)',
      },
      limit: { type: 'string', value: 'N', help: 'take only the first N products' },
      seed: { type: 'string', value: 'N', default: '1', help: 'decides the order of the images (default 1)' },
      aws: { type: 'boolean', help: 'consent to a real AWS account' },
      json: { type: 'boolean', help: 'print one JSON object' },
    },
    resume: 'Nothing was written; run it again.',
  },
  async ({ values, signal, onProgress }) => {
    const { attribute, folder, dataset, out } = values;
    if (attribute === undefined) throw new UsageError('--attribute COLUMN is missing: the column that has the labels');
    if ((folder === undefined) === (dataset === undefined))
      throw new UsageError('give either --folder FOLDER or --dataset DIR');
    const least = wholeNumber('least', values.least, 1);
    const seed = wholeNumber('seed', values.seed, 0);
    const limit = values.limit === undefined ? Infinity : wholeNumber('limit', values.limit, 1);
    const { items, data, close } = await (folder === undefined ? onDisk(dataset, signal) : inBucket(folder, values));
    const labelled =
      values.labels === undefined
        ? items
        : withLabels(items, attribute, await readFile(values.labels, 'utf8'), values.labels);
    const done = await trainHead(labelled.slice(0, limit), {
      attribute,
      data,
      minImages: least,
      seed,
      signal,
      onProgress,
      out: path.resolve(out),
      model: values.model,
      backend: values.backend,
    });
    close();
    if (values.json) console.log(JSON.stringify(done));
    else print(done, out);
  },
);

async function onDisk(folder, signal) {
  const { source, products } = await openFolder(folder, { signal });
  return { items: products, data: ({ id }) => source.image(id), close() {} };
}

async function inBucket(folder, { aws: consent }) {
  const aws = clients({ allowAws: consent });
  await announce(aws);
  const dataset = await new Pipeline(aws).open(folder);
  return { items: dataset.rows, data: (row) => dataset.image(row), close: () => aws.close() };
}

/** The items that the file has a label for, with it. */
function withLabels(items, attribute, text, file) {
  const { data: rows, errors } = Papa.parse(text, { header: true, delimiter: ',', skipEmptyLines: true });
  const [quote] = errors.filter(({ type }) => type === 'Quotes');
  if (quote)
    throw new Error(`${file}: row ${quote.row}: ${quote.message}. Close its quote, or double the quotes inside it.`);
  const missing = ['id', attribute].find((column) => rows.length > 0 && rows[0][column] === undefined);
  if (rows.length === 0 || missing)
    throw new Error(`${file} has no column '${missing ?? 'id'}'. It takes the columns id and ${attribute}.`);
  const labels = new Map(rows.map((row) => [parseId(row.id ?? ''), row[attribute]]));
  return items.flatMap((item) => (labels.has(item.id) ? [{ ...item, [attribute]: labels.get(item.id) }] : []));
}

function print({ labels, images, leftOut, metric, seconds }, out) {
  const rare = Object.keys(leftOut).length;
  console.log(
    `${labels.length} labels, ${images.trained.toLocaleString('en-US')} images in ${seconds.toFixed(1)} ` +
      `s${rare > 0 ? ` (${rare} labels are too rare)` : ''}`,
  );
  const percent = (share) => `${(share * 100).toFixed(1)}%`;
  console.log(
    `On ${metric.images.toLocaleString('en-US')} images held out: ${percent(metric.accuracy)} right, ` +
      `macro-F1 ${percent(metric.macroF1)} (always the most frequent label: ${percent(metric.majority)})`,
  );
  console.log(`The model is in ${out}. Try it: zx scripts/predict.mjs DIR --model ${out}`);
}
