// Measures a model on a data set folder: a table, its worst confusions, a page to look at.
import { evaluate, evaluationReport } from '../dist/index.js';
import { count, evaluationBasis, evaluationCells, evaluationTitles, replaceFile } from '../dist/internal.js';
import { cli, json } from './lib/cli.mjs';
import { encoding, openFolder } from './lib/folder.mjs';
import { labelOptions, scoreProducts } from './lib/model.mjs';
import { formatTable } from './lib/table.mjs';

/** @import { AttributeEvaluation, Evaluation, Product } from '../dist/index.js' */

const confusionsShown = 5;

await cli(
  {
    usage: 'npx zx scripts/evaluate.mjs DIR [options]',
    about:
      'Measures how well a model labels the images of a folder (styles.csv and images/), by default only those ' +
      'that the model was not trained on.',
    options: {
      ...labelOptions,
      encoding,
      all: { type: 'boolean', help: 'every image; those that it was trained on by themselves' },
      json,
      report: {
        type: 'string',
        value: 'FILE.html',
        help: 'a page with confusion matrices, reliability, and the images of the worst confusions',
      },
    },
    positionals: 1,
  },
  async ({ values, positionals: [folder], signal, onProgress }) => {
    const { source, products } = await openFolder(folder, { signal, encoding: values.encoding });
    const { scored } = await scoreProducts({ source, products }, values, { signal, onProgress, fresh: !values.all });
    if (scored.items.length === 0)
      throw new Error(
        `There is nothing to evaluate on: the model was trained on all of the ${count(products.length)} images. Give ` +
          'others, or --all to see how well it remembers these.',
      );
    const evaluation = evaluate(scored);
    const { attributes, items, trainedOn } = evaluation;
    const which = basisOf(evaluation, products.length);
    console.error(which);
    if (values.json)
      console.log(
        JSON.stringify({
          model: scored.model.name,
          images: items.length,
          of: products.length,
          heldOut: evaluation.heldOut ?? null,
          trainedOn: trainedOn?.images ?? null,
          attributes: attributes.map((attribute) => plain(attribute, items)),
          ...(values.all && { remembered: trainedOn?.attributes.map((attribute) => figuresOf(attribute)) ?? null }),
        }),
      );
    else {
      print(attributes);
      if (evaluation.heldOut && trainedOn && trainedOn.images > 0) {
        console.log(`\nOn the ${count(trainedOn.images)} images that it was trained on, which it remembers:`);
        console.log(tableOf(trainedOn.attributes));
      }
    }
    if (values.report !== undefined) {
      const about = `${scored.model.name} (${scored.model.fingerprint}) on ${folder}. ${which}`;
      await replaceFile(
        values.report,
        await evaluationReport(evaluation, { about, images: ({ id }) => source.image(id), limit: confusionsShown }),
      );
      console.error(`The report is in ${values.report}`);
    }
  },
);

/** Which images the figures are of. @param {Evaluation<Product>} evaluation @param {number} all */
function basisOf(evaluation, all) {
  const { items, trainedOn } = evaluation;
  if (trainedOn?.images !== 0 || items.length === all) return evaluationBasis(evaluation);
  const [some, every] = [items.length, all].map((images) => count(images));
  return `On ${some} of ${every} images: those that the model was not trained on (--all for every image).`;
}

/**
 * For JSON: the figures, and ids for the images of the worst confusions.
 *
 * @param {AttributeEvaluation} attribute
 * @param {readonly Product[]} items
 */
function plain(attribute, items) {
  const worst = attribute.confusions
    .slice(0, confusionsShown)
    .map(({ given, predicted, images }) => ({ given, predicted, ids: images.map((i) => items[i]?.id) }));
  return { ...figuresOf(attribute), confusions: worst };
}

/** @param {AttributeEvaluation} attribute */
function figuresOf({ confusion: _confusion, confusions: _confusions, labels, ...figures }) {
  return { ...figures, labels: labels.length };
}

/** @param {readonly AttributeEvaluation[]} attributes */
function tableOf(attributes) {
  return formatTable(evaluationTitles, attributes.map(evaluationCells));
}

/** @param {readonly AttributeEvaluation[]} attributes */
function print(attributes) {
  console.log(tableOf(attributes));
  for (const { attribute, confusions } of attributes) {
    console.log(`\n${attribute}, given → predicted:${confusions.length === 0 ? ' none confused' : ''}`);
    for (const { given, predicted, images } of confusions.slice(0, confusionsShown))
      console.log(`  ${count(images.length).padStart(5)}  ${given} → ${predicted}`);
  }
}
