// Trains the attribute classifier on a data set folder, and prints how well it does after each epoch.
import path from 'node:path';
import { folderSource, sampleSource } from '../dist/index.js';
import { train } from '../dist/internal.js';
import { cli, UsageError } from './cli.mjs';
import { wholeNumber } from './numbers.mjs';

await cli(
  {
    usage: 'zx scripts/train.mjs --dataset DIR [options]',
    about:
      'Trains the model that tells seven attributes of a product from its image. Needs the native backend ' +
      '(zx scripts/tfjs-node.mjs).',
    options: {
      dataset: { type: 'string', value: 'DIR', help: 'the data set: styles.csv and images/<id>.jpg' },
      out: {
        type: 'string',
        value: 'DIR',
        default: 'out/model',
        help: 'where the model goes (default out/model); then: zx scripts/predict.mjs … --model out/model',
      },
      epochs: { type: 'string', value: 'N', default: '24', help: 'how often each image is seen (default 24)' },
      limit: { type: 'string', value: 'N', help: 'take only the first N products' },
      samples: {
        type: 'string',
        value: 'N',
        default: '1000',
        help: 'drawn products to mix in (default 1000, 0 for none)',
      },
      seed: {
        type: 'string',
        value: 'N',
        default: '1',
        help: 'decides first weights, order and augmentation (default 1)',
      },
    },
    resume: 'The same command goes on from the checkpoint.',
  },
  async ({ values, signal, onProgress }) => {
    if (values.dataset === undefined)
      throw new UsageError('--dataset DIR is missing: the folder with styles.csv and images/');
    const epochs = wholeNumber('epochs', values.epochs, 1);
    const samples = wholeNumber('samples', values.samples, 0);
    const seed = wholeNumber('seed', values.seed, 0);
    const limit = values.limit === undefined ? undefined : wholeNumber('limit', values.limit, 1);
    const source = await folderSource(values.dataset);
    const drawn = samples === 0 ? undefined : sampleSource({ products: samples, seed });
    const card = await train({
      source,
      samples: drawn,
      out: path.resolve(values.out),
      epochs,
      limit,
      seed,
      signal,
      onProgress,
      onEpoch: printEpoch,
    });
    printMetrics('\nHeld-out images, with the training images remembered:', card.metrics);
    if (card.sampleMetrics.length > 0) printMetrics('Drawn images not trained on:', card.sampleMetrics);
    console.log(
      `\nThe model is in ${values.out}. Try it: zx scripts/predict.mjs ` +
        `${path.join(values.dataset, 'images')} --model ${values.out}`,
    );
  },
);

function printEpoch({ epoch, loss, seconds, metrics }) {
  printMetrics(`\nEpoch ${epoch}, loss ${loss.toFixed(3)}, ${Math.round(seconds)} s. Held-out images:`, metrics);
}

function printMetrics(title, metrics) {
  console.log(title);
  for (const { attribute, accuracy, macroF1, majority, images } of metrics) {
    console.log(
      `  ${attribute.padEnd(15)} ${percent(accuracy)}  (macro-F1 ${percent(macroF1)}, majority ` +
        `${percent(majority)}, ${images} images)`,
    );
  }
}

function percent(share) {
  return `${(share * 100).toFixed(1)}%`.padStart(6);
}
