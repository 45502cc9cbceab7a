#!/usr/bin/env zx
import { createInterface } from 'node:readline/promises';
import { clients, folderSource, sampleSource, seedCatalogue } from '../dist/index.js';
import { count, downloadDataset, factsInWords, plural } from '../dist/internal.js';
import { announce } from './lib/account.mjs';
import { otherThanSample } from './lib/bring-up.mjs';
import { cli, consent, json, UsageError } from './lib/cli.mjs';
import { encoding, reasonInWords } from './lib/folder.mjs';

/** @import { Aws, CatalogueSource, SeedSummary } from '../dist/index.js' */

await cli(
  {
    usage:
      'npx zx scripts/seed.mjs [--dataset DIR | --download | --sample] [--rows FILE] [--images PLACE] ' +
      '[--recreate] [--strict] [--json]',
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
      sample: { type: 'boolean', help: 'the drawn sample, in place of another data set that is there' },
      download: { type: 'boolean', help: 'download the data set from Kaggle into DIR (default: data) first' },
      from: { type: 'string', value: 'URL', help: 'download from there instead of Kaggle' },
      rows: {
        type: 'string',
        value: 'FILE',
        help: 'take the rows from there: a CSV, .jsonl or .parquet in DIR, or in S3 as s3://bucket/rows.parquet',
      },
      images: {
        type: 'string',
        value: 'PLACE',
        help: 'take the images from there: a folder in DIR, or in S3 as s3://bucket/photos/',
      },
      encoding,
      strict: { type: 'boolean', help: 'stop at the first row that makes no sense, instead of leaving it out' },
      'follow-links': { type: 'boolean', help: 'take files outside of DIR to which links or fields.json lead' },
      recreate: { type: 'boolean', help: 'delete the table and make a new one' },
      prune: {
        type: 'boolean',
        help: 'on a real account: remove products and images that the data set does not have (a mock does so always)',
      },
      'discard-corrections': {
        type: 'boolean',
        help: 'give up what was corrected in the catalogue, for the values of the data set',
      },
      aws: consent,
      json,
    },
    resume: 'What was loaded is kept; the same command goes on from there.',
  },
  async ({ values, signal, onProgress }) => {
    if (values.from !== undefined && !values.download)
      throw new UsageError('--from names where --download takes the data set from; give --download, too');
    if (values.sample && (values.dataset !== undefined || values.download))
      throw new UsageError('--sample excludes --dataset and --download');
    const inS3 = /^s3:/i.test(values.rows ?? '') && /^s3:/i.test(values.images ?? '');
    const folder = values.dataset ?? (values.download ? 'data' : inS3 ? '.' : undefined);
    const ofFolders = ['rows', 'images', 'encoding', 'strict', 'follow-links'].find(
      (name) => Reflect.get(values, name) !== undefined,
    );
    if (folder === undefined && ofFolders) throw new UsageError(`--${ofFolders} is for a data set; give --dataset DIR`);
    const aws = clients({ allowAws: values.aws });
    await announce(aws);
    if (folder === undefined && !values.sample) await keepOther(aws, signal);
    if (values.download && folder !== undefined)
      await downloadDataset(folder, { url: values.from, signal, onProgress });
    const { rows, images, encoding, strict, 'follow-links': followLinks } = values;
    const options = { rows, images, encoding, strict, followLinks, aws };
    const source = folder === undefined ? sampleSource() : await folderSource(folder, options);
    const { recreate, prune, 'discard-corrections': discardCorrections } = values;
    const summary = await seedCatalogue(aws, source, { recreate, prune, discardCorrections, signal, onProgress });
    if (values.json) console.log(JSON.stringify(summary));
    else print(summary, aws, source.schema);
    aws.close();
  },
);

/**
 * Where another data set than the sample is in the catalogue, asks before it is replaced; without a terminal, refuses.
 *
 * @param {Aws} aws
 * @param {AbortSignal} signal
 */
async function keepOther(aws, signal) {
  const other = await otherThanSample(aws);
  if (other === undefined) return;
  const question = `The catalogue ${aws.table} at ${aws.endpoint} holds ${other}`;
  if (process.stdin.isTTY && process.stderr.isTTY) {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await terminal.question(`${question}. Replace them by the sample? [y/N] `, { signal });
    terminal.close();
    if (/^y(es)?$/i.test(answer.trim())) return;
  }
  throw new UsageError(`${question}; give --sample to replace them by the sample, or --dataset DIR`);
}

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
  if (rows.corrected > 0)
    console.log(
      `kept     ${plural(rows.corrected, 'corrected value')} kept, where the data set has others; ` +
        '--discard-corrections takes those',
    );
  if (file) console.log(`file     ${factsInWords(file)}`);
  const missing = Object.entries(file?.missing ?? {}).map(([column, values]) => `${column} ${count(values)}`);
  if (missing.length > 0) console.log(`missing  ${missing.join(', ')} (values)`);
  for (const reason of rows.reasons) console.log(reasonInWords(reason));
  const said = new Set(rows.reasons.map(({ line }) => line));
  for (const { line, reason } of rows.malformed.filter(({ line }) => !said.has(line)).slice(0, 10))
    console.log(`line ${line}: ${reason}`);
  for (const { id, reason } of images.failed.slice(0, 10)) console.log(`image ${id}: ${reason}`);
  if (notInSource > 0)
    console.log(`${count(notInSource)} products of the table are not in this data set; --prune removes them.`);
  console.log(`in ${seconds.toFixed(1)} s, ${count(Math.round((rows.read - rows.withoutImage) / seconds))} products/s`);
  console.log(`Next: npx zx scripts/query.mjs ${schema ? "--where '{}' --explain" : '--query 1'}`);
}
