// Measures a model on a data set folder: a table, its worst confusions, a page to look at.
import { evaluate, evaluationReport } from '../dist/index.js';
import { concurrently, count, partOf, percent, replaceFile, Tracker } from '../dist/internal.js';
import { cli } from './lib/cli.mjs';
import { openFolder } from './lib/folder.mjs';
import { labelOptions, scoreProducts } from './lib/model.mjs';
import { formatTable } from './lib/table.mjs';

/** @import { AttributeEvaluation, CatalogueSource, OnProgress, Product } from '../dist/index.js' */

const confusionsShown = 5;

await cli(
  {
    usage: 'npx zx scripts/evaluate.mjs DIR [options]',
    about:
      'Measures how well a model labels the images of a folder (styles.csv and images/), by default only those ' +
      'that training holds out.',
    options: {
      ...labelOptions,
      all: { type: 'boolean', help: 'every image, those trained on as well' },
      json: { type: 'boolean', help: 'one line of JSON' },
      report: {
        type: 'string',
        value: 'FILE.html',
        help: 'a page with confusion matrices, reliability, and the images of the worst confusions',
      },
    },
    positionals: 1,
  },
  async ({ values, positionals: [folder], signal, onProgress }) => {
    const { source, products: every } = await openFolder(folder, { signal });
    const products = values.all ? every : await heldOut(source, every, { signal, onProgress });
    const which = values.all
      ? `${count(products.length)} images`
      : `${count(products.length)} of ${count(every.length)} images: those that training holds out (--all for ` +
        'every image)';
    if (products.length === 0) throw new Error(`There is nothing to evaluate on: ${which}.`);
    console.error(which);
    const { scored } = await scoreProducts({ source, products }, values, { signal, onProgress });
    const evaluation = evaluate(scored);
    if (values.json)
      console.log(
        JSON.stringify({
          model: scored.model.name,
          images: scored.items.length,
          of: every.length,
          attributes: evaluation.attributes.map((attribute) => plain(attribute, scored.items)),
        }),
      );
    else print(evaluation.attributes);
    if (values.report !== undefined) {
      const about = `${scored.model.name} (${scored.model.fingerprint}) on ${folder}: ${which}.`;
      await replaceFile(
        values.report,
        await evaluationReport(evaluation, { about, images: ({ id }) => source.image(id), limit: confusionsShown }),
      );
      console.error(`The report is in ${values.report}`);
    }
  },
);

/**
 * @param {CatalogueSource} source
 * @param {readonly Product[]} products
 * @param {{ signal: AbortSignal, onProgress: OnProgress }} step
 */
async function heldOut(source, products, { signal, onProgress }) {
  const tracker = new Tracker('read', 'images', products.length, onProgress);
  /** @param {Product} product */
  const isHeldOut = async ({ id }) => {
    const part = partOf(await source.image(id));
    tracker.tick();
    return part === 'validation';
  };
  const held = await concurrently(products, isHeldOut, { concurrency: 16, signal });
  tracker.end();
  return products.filter((_, i) => held[i]);
}

/**
 * For JSON: without the matrix, and with ids for images.
 *
 * @param {AttributeEvaluation} attribute
 * @param {readonly Product[]} items
 */
function plain({ confusion: _confusion, labels, confusions, ...attribute }, items) {
  const worst = confusions
    .slice(0, confusionsShown)
    .map(({ given, predicted, images }) => ({ given, predicted, ids: images.map((i) => items[i]?.id) }));
  return { ...attribute, labels: labels.length, confusions: worst };
}

/** @param {readonly AttributeEvaluation[]} attributes */
function print(attributes) {
  const header = ['attribute', 'images', 'labels', 'accuracy', 'top-5', 'macro-F1', 'majority', 'calibration error'];
  const rows = attributes.map(({ attribute, images, labels, accuracy, top5, macroF1, majority, calibrationError }) => [
    attribute,
    images,
    labels.length,
    ...[accuracy, top5, macroF1, majority, calibrationError].map((share) => percent(share)),
  ]);
  console.log(formatTable(header, rows));
  for (const { attribute, confusions } of attributes) {
    console.log(`\n${attribute}, given → predicted:${confusions.length === 0 ? ' none confused' : ''}`);
    for (const { given, predicted, images } of confusions.slice(0, confusionsShown))
      console.log(`  ${count(images.length).padStart(5)}  ${given} → ${predicted}`);
  }
}
