// Labels the images of a folder with the vision model: a line for each.
import { opendir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { percent, plural } from '../dist/internal.js';
import { cli, jsonLines, UsageError } from './lib/cli.mjs';
import { labelOptions, modelOf } from './lib/model.mjs';

/**
 * @import { Prediction } from '../dist/index.js'
 * @typedef {(file: string, prediction: Prediction | undefined, error: Error | undefined) => string} Print
 */

const isImage = /\.(jpe?g|png|webp|gif|tiff?|avif)$/i;

await cli(
  {
    usage: 'npx zx scripts/predict.mjs DIR [options]',
    about:
      'Labels the images of a folder (.jpg, .png, .webp, …): with the model that ships, gender, category, ' +
      'article type, colour, season, usage.',
    options: {
      ...labelOptions,
      json: jsonLines('image'),
    },
    positionals: 1,
  },
  async ({ values, positionals: [folder], signal }) => {
    if (folder === undefined) throw new UsageError('The folder with the images is missing');
    const files = await imagesIn(folder);
    const model = await modelOf(values);
    console.error(`${model.name} on ${model.backend}, ${plural(files.length, 'image')}`);
    const print = values.json ? jsonLine : textLine;
    let failed = 0;
    for await (const { item, prediction, error } of model.predictAll(files, {
      data: (file) => readFile(path.join(folder, file), { signal }),
      signal,
    })) {
      console.log(print(item, prediction, error));
      if (error !== undefined) failed++;
    }
    model.dispose();
    if (failed > 0) throw new Error(`${failed} of ${files.length} images could not be labelled; the others are.`);
  },
);

/** @param {string} folder */
async function imagesIn(folder) {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new Error(`'${folder}' is not a folder. Give the folder with the images.`);
  const files = [];
  for await (const entry of await opendir(folder)) if (isImage.test(entry.name)) files.push(entry.name);
  if (files.length === 0) throw new Error(`'${folder}' has no images (.jpg, .png, .webp, …).`);
  return files.sort(new Intl.Collator('en', { numeric: true }).compare);
}

/** @type {Print} */
function jsonLine(file, prediction, error) {
  return JSON.stringify(error === undefined ? { file, ...prediction } : { file, error: error.message });
}

/** @type {Print} */
function textLine(file, prediction, error) {
  if (error !== undefined) return `${file.padEnd(16)} ${error.message}`;
  return [
    file.padEnd(16),
    ...Object.values(prediction ?? {}).map(({ label, confidence, labels = [{ label, confidence }] }) =>
      (labels.map((one) => `${one.label} ${percent(one.confidence, 0)}`).join(', ') || '(none)').padEnd(20),
    ),
  ]
    .join(' ')
    .trimEnd();
}
