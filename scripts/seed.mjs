#!/usr/bin/env zx
import { clients, folderSource, sampleSource, seedCatalogue } from '../dist/index.js';
import { count, downloadDataset, factsInWords } from '../dist/internal.js';
import { announce } from './lib/account.mjs';
import { cli, consent, json, UsageError } from './lib/cli.mjs';
import { encoding, reasonInWords } from './lib/folder.mjs';

/** @import { Aws, CatalogueSource, SeedSummary } from '../dist/index.js' */

await cli(
  {
    usage: 'npx zx scripts/seed.mjs [--dataset DIR | --download] [--recreate] [--strict] [--json]',
    about:
      'Makes the catalogue on AWS (by default the local mock) equal to a data set: table, indexes, bucket, ' +
      'rows, images.',
    options: {
      dataset: {
        type: 'string',
        value: 'DIR',
        help:
          "a folder with styles.csv and images/<id>.jpg, as Kaggle's download, or of your own with a " +
          'fields.json; default: the drawn sample',
      },
      download: { type: 'boolean', help: 'download the data set from Kaggle into DIR (default: data) first' },
      from: { type: 'string', value: 'URL', help: 'download from there instead of Kaggle' },
      encoding,
      strict: { type: 'boolean', help: 'stop at the first row that makes no sense, instead of leaving it out' },
      'follow-links': { type: 'boolean', help: 'take files outside of DIR to which links or fields.json lead' },
      recreate: { type: 'boolean', help: 'delete the table and make a new one' },
      prune: {
        type: 'boolean',
        help: 'on a real account: remove products and images that the data set does not have (a mock does so always)',
      },
      aws: consent,
      json,
    },
    resume: 'What was loaded is kept; the same command goes on from there.',
  },
  async ({ values, signal, onProgress }) => {
    if (values.dataset === '') throw new UsageError('--dataset is empty; give a folder');
    if (values.from !== undefined && !values.download)
      throw new UsageError('--from names where --download takes the data set from; give --download, too');
    const folder = values.dataset ?? (values.download ? 'data' : undefined);
    const aws = clients({ allowAws: values.aws });
    await announce(aws);
    if (values.download && folder !== undefined)
      await downloadDataset(folder, { url: values.from, signal, onProgress });
    const { encoding, strict, 'follow-links': followLinks } = values;
    const options = { encoding, strict, followLinks };
    const source = folder === undefined ? sampleSource() : await folderSource(folder, options);
    const { recreate, prune } = values;
    const summary = await seedCatalogue(aws, source, { recreate, prune, signal, onProgress });
    if (values.json) console.log(JSON.stringify(summary));
    else print(summary, aws, source.schema);
    aws.close();
  },
);

/**
 * @param {SeedSummary} summary
 * @param {Aws} aws
 * @param {CatalogueSource['schema']} schema
 */
function print({ source, rows, file, images, notInSource, seconds }, { table, bucket, endpoint }, schema) {
  const malformed = rows.reasons.filter(({ kind }) => kind === 'malformed').reduce((sum, each) => sum + each.rows, 0);
  console.log(`The catalogue ${table} at ${endpoint} holds ${source}.`);
  console.log(
    `rows     ${count(rows.read)} read: ${count(rows.written)} written, ${count(rows.unchanged)} unchanged, ` +
      `${count(rows.withoutImage)} without image (left out), ${count(malformed)} malformed (left out), ` +
      `${count(images.failed.length)} with a bad image (left out); ${count(rows.removed)} others removed`,
  );
  console.log(
    `images   ${count(images.put)} put to s3://${bucket}/images/, ${count(images.unchanged)} unchanged, ` +
      `${count(images.failed.length)} failed; ${count(images.removed)} others removed`,
  );
  if (file) console.log(`file     ${factsInWords(file)}`);
  const missing = Object.entries(file?.missing ?? {}).map(([column, values]) => `${column} ${count(values)}`);
  if (missing.length > 0) console.log(`missing  ${missing.join(', ')} (values)`);
  for (const reason of rows.reasons) console.log(reasonInWords(reason));
  for (const { line, reason } of rows.malformed.slice(0, 10)) console.log(`line ${line}: ${reason}`);
  for (const { id, reason } of images.failed.slice(0, 10)) console.log(`image ${id}: ${reason}`);
  if (notInSource > 0)
    console.log(`${count(notInSource)} products of the table are not in this data set; --prune removes them.`);
  console.log(`in ${seconds.toFixed(1)} s, ${count(Math.round((rows.read - rows.withoutImage) / seconds))} products/s`);
  console.log(`Next: npx zx scripts/query.mjs ${schema ? "--where '{}' --explain" : '--query 1'}`);
}
