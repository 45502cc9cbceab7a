// Trains the attribute classifier on a data set folder, and prints how well it does after each epoch.
import path from 'node:path';
import { folderSource, sampleSource } from '../dist/index.js';
import { percent, plural, train } from '../dist/internal.js';
import { cli, json, UsageError } from './lib/cli.mjs';
import { encoding } from './lib/folder.mjs';

/**
 * @import { AttributeEvaluation } from '../dist/index.js'
 * @typedef {Pick<AttributeEvaluation, 'attribute' | 'accuracy' | 'macroF1' | 'majority' | 'images'>} Metrics
 */

await cli(
  {
    usage: 'npx zx scripts/train.mjs --dataset DIR [options]',
    about:
      'Trains the model that predicts seven attributes of a product from its image. Needs the native backend ' +
      '(npx zx scripts/tfjs-node.mjs).',
    options: {
      dataset: { type: 'string', value: 'DIR', help: 'the data set: styles.csv and images/<id>.jpg' },
      encoding,
      out: {
        type: 'string',
        value: 'DIR',
        default: 'out/model',
        help: 'where the model goes; then: npx zx scripts/predict.mjs data/images --model out/model',
      },
      epochs: { type: 'integer', min: 1, default: 24, help: 'how often each image is seen' },
      products: { type: 'integer', min: 1, help: 'take only the first N products' },
      samples: { type: 'integer', min: 0, default: 1000, help: 'drawn products to mix in, 0 for none' },
      seed: { type: 'integer', min: 0, default: 1, help: 'decides first weights, order and augmentation' },
      json,
    },
    resume: 'The same command goes on from the checkpoint.',
  },
  async ({ values, signal, onProgress }) => {
    const { dataset, out, epochs, products, samples, seed } = values;
    if (dataset === undefined) throw new UsageError('--dataset DIR is missing: the folder with styles.csv and images/');
    const source = await folderSource(dataset, { encoding: values.encoding });
    const drawn = samples === 0 ? undefined : sampleSource({ products: samples, seed });
    const card = await train({
      source,
      samples: drawn,
      out: path.resolve(out),
      epochs,
      limit: products,
      seed,
      signal,
      onProgress,
      // Beside JSON these are progress.
      onEpoch: values.json ? undefined : printEpoch,
    });
    if (values.json) {
      const { name, metrics, sampleMetrics } = card;
      return console.log(JSON.stringify({ model: name, folder: out, metrics, sampleMetrics }));
    }
    printMetrics('\nHeld-out images, with the training images remembered:', card.metrics);
    if (card.sampleMetrics.length > 0) printMetrics('Drawn images not trained on:', card.sampleMetrics);
    console.log(
      `\nThe model is in ${out}. Try it: npx zx scripts/predict.mjs ${path.join(dataset, 'images')} --model ${out}`,
    );
  },
);

/** @type {NonNullable<Parameters<typeof train>[0]['onEpoch']>} */
function printEpoch({ epoch, loss, seconds, metrics }) {
  printMetrics(`\nEpoch ${epoch}, loss ${loss.toFixed(3)}, ${Math.round(seconds)} s. Held-out images:`, metrics);
}

/** @param {string} title @param {readonly Metrics[]} metrics */
function printMetrics(title, metrics) {
  console.log(title);
  for (const { attribute, accuracy, macroF1, majority, images } of metrics) {
    const [right, f1, most] = [accuracy, macroF1, majority].map((share) => percent(share).padStart(6));
    console.log(`  ${attribute.padEnd(15)} ${right}  (macro-F1 ${f1}, majority ${most}, ${plural(images, 'image')})`);
  }
}
