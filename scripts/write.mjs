#!/usr/bin/env zx
// Writes a data set of the bucket, split if asked for, in a format that trainers read.
import { clients, Pipeline } from '../dist/index.js';
import { augmentedFolder, predictionsFolder, writeFormats } from '../dist/internal.js';
import { announce } from './lib/account.mjs';
import { cli, consent, json, UsageError } from './lib/cli.mjs';

/**
 * @import { WriteFormat } from '../dist/index.js'
 * @import { Options, Values } from './lib/options.mjs'
 */

const names = /** @type {WriteFormat[]} */ (Object.keys(writeFormats));
const abouts = names.map((name) => `  ${name.padEnd(12)} ${writeFormats[name].about}`);

const options = /** @satisfies {Options} */ ({
  folder: { type: 'string', value: 'FOLDER', help: 'the folder of the data set in the bucket, as a query exported it' },
  format: { type: 'string', value: 'NAME', choices: names, help: 'one of those above' },
  to: { type: 'string', value: 'DIR|s3://…', help: 'the folder to write to, on this machine or in S3' },
  split: {
    type: 'string',
    list: true,
    help: 'the shares of its sides, train,validation,test (0.8,0.1,0.1), or with their names (train=0.9,test=0.1)',
  },
  stratify: { type: 'string', list: true, help: 'with --split: fields whose classes have their share on every side' },
  together: { type: 'string', value: 'FIELD', help: 'with --split: rows with the same value of it stay on one side' },
  seed: { type: 'integer', min: 0, help: 'with --split: another seed is another split (default 0)' },
  label: { type: 'string', value: 'FIELD', help: 'the field that is learned; default: the one field of --stratify' },
  augmented: { type: 'boolean', help: 'augmented images of the training side, too' },
  predictions: { type: 'boolean', help: 'predictions as further columns' },
  'predictions-name': {
    type: 'string',
    value: 'NAME',
    help: 'in place of --predictions: those of this name, as pipeline.infer was given it',
  },
  references: { type: 'boolean', help: 'the addresses of the images in place of the images (parquet)' },
  'shard-mb': { type: 'integer', min: 1, help: 'megabytes of images in a file of many, about (default 256)' },
  overwrite: { type: 'boolean', help: 'replace what another write left there' },
  aws: consent,
  json,
});

await cli(
  {
    usage: 'npx zx scripts/write.mjs --folder FOLDER --format NAME --to DIR [--split 0.8,0.1,0.1] [options]',
    about: `Writes the images and rows of a data set in a format that trainers read:\n${abouts.join('\n')}`,
    options,
    resume: 'What was written is kept; the same command goes on from there.',
  },
  async ({ values, signal, onProgress }) => {
    const { folder, format, to, overwrite } = values;
    if (folder === undefined || format === undefined || to === undefined)
      throw new UsageError('give --folder, --format and --to');
    const shares = sharesOf(values);
    const label = values.label ?? (values.stratify?.length === 1 ? values.stratify[0] : undefined);
    const ownName = values['predictions-name'];
    const predictions = values.predictions || ownName !== undefined ? predictionsFolder(folder, ownName) : undefined;
    const aws = clients({ allowAws: values.aws });
    try {
      await announce(aws);
      const pipeline = new Pipeline(aws);
      const dataset = await pipeline.open(folder);
      const split = shares && (await dataset.split(shares, values));
      if (split) console.error(split);
      const written = await (split ? split.all : dataset).write(format, to, {
        label,
        overwrite,
        references: values.references,
        augmented: values.augmented ? await pipeline.open(augmentedFolder(folder)) : undefined,
        predictions: predictions && (await pipeline.open(predictions)),
        shardBytes: values['shard-mb'] === undefined ? undefined : values['shard-mb'] * 1_000_000,
        signal,
        onProgress,
      });
      const { rows, sides, files, bytes, kept, unlabelled, others, failures } = written;
      if (values.json)
        console.log(
          JSON.stringify({ to, format, rows, sides, files: files.length, bytes, kept, unlabelled, others, failures }),
        );
      else console.log(String(written));
      for (const { id, reason } of failures.slice(0, 10)) console.error(`failed: ${id}: ${reason}`);
      if (failures.length > 10) console.error(`failed: ${failures.length - 10} more`);
    } finally {
      aws.close();
    }
  },
);

/** The shares of --split by their names. @param {Values<typeof options>} values */
function sharesOf({ split, stratify, together, seed }) {
  if (split === undefined) {
    const without = Object.entries({ stratify, together, seed }).find(([, value]) => value !== undefined);
    if (without) throw new UsageError(`--${without[0]} goes with --split`);
    return undefined;
  }
  const usual = split.length === 2 ? ['train', 'test'] : ['train', 'validation', 'test'];
  const sides = split.map((text, i) => {
    const [, name, share = ''] = /^(?:(.*)=)?(.*)$/.exec(text.trim()) ?? [];
    if (name === undefined && split.length > usual.length)
      throw new UsageError(`--split has ${split.length} shares; name them: --split train=0.7,test=0.3`);
    if (!/^(?:\d{1,3}|\d{0,3}\.\d{1,15})$/.test(share))
      throw new UsageError(`--split has '${text}'; give shares such as 0.8,0.1,0.1 or train=0.9,test=0.1`);
    return [name ?? usual[i] ?? '', Number(share)];
  });
  const shares = Object.fromEntries(sides);
  if (Object.keys(shares).length < sides.length) throw new UsageError('--split has two sides of one name');
  return shares;
}
