#!/usr/bin/env zx
import { clients, loadModel, Pipeline } from '../dist/index.js';
import { plural } from '../dist/internal.js';
import { announce } from './lib/account.mjs';
import { cli, consent, json, UsageError } from './lib/cli.mjs';
import { formatTable } from './lib/table.mjs';

/**
 * @import { Step } from './lib/cli.mjs'
 * @typedef {{ pipeline: Pipeline, force: boolean, rebuild: number | 'all', model: string | undefined }} Wanted
 * @typedef {Step & Wanted} DatasetStep
 * @typedef {{ data: object, text: string, failed?: boolean }} Result What is printed with and without --json.
 */

/**
 * What can be done, and which folders it takes.
 *
 * @type {Record<string, { takes: string[], run: (step: DatasetStep, ...folders: string[]) => Promise<Result> }>}
 */
const actions = {
  list: { takes: [], run: list },
  copy: { takes: ['FOLDER', 'TO'], run: copy },
  remove: { takes: ['FOLDER'], run: remove },
  verify: { takes: ['FOLDER'], run: verify },
};

await cli(
  {
    usage:
      'npx zx scripts/datasets.mjs [list | copy FOLDER TO | remove FOLDER [--force] | ' +
      'verify FOLDER [--rebuild N|all]] [--json]',
    about: [
      'Data sets are what queries have exported, what was saved from them, and what was derived from either.',
      '',
      '  list            all data sets of the bucket (default)',
      '  copy FOLDER TO  copy one, with its augmented images and predictions',
      '  remove FOLDER   remove one, with its augmented images and predictions',
      '  verify FOLDER   whether one is as its manifest says; exit status 1 where it is not',
    ].join('\n'),
    options: {
      force: { type: 'boolean', help: 'remove: also where others were saved from it' },
      rebuild: { type: 'string', value: 'N|all', help: 'verify: make so many rows again, too, and compare them' },
      model: { type: 'string', value: 'DIR', help: 'verify: the model of the predictions; default: the shipped one' },
      aws: consent,
      json,
    },
    positionals: 3,
    resume: 'What was done is kept; the same command goes on from there.',
  },
  async ({ values, positionals: [name = 'list', ...folders], ...call }) => {
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) throw new UsageError(`there is no '${name}'; it can be ${Object.keys(actions).join(', ')}`);
    const { takes, run } = action;
    if (folders.length < takes.length)
      throw new UsageError(`${name} needs ${takes.slice(folders.length).join(' and ')}`);
    if (folders.length > takes.length) throw new UsageError(`${name} takes no '${folders[takes.length]}'`);
    if (values.force && name !== 'remove') throw new UsageError('--force goes with remove');
    for (const option of /** @type {const} */ (['rebuild', 'model']))
      if (values[option] !== undefined && name !== 'verify') throw new UsageError(`--${option} goes with verify`);
    const rebuild = rebuildOf(values.rebuild);
    const aws = clients({ allowAws: values.aws });
    await announce(aws);
    const step = { ...call, pipeline: new Pipeline(aws), force: values.force ?? false, rebuild, model: values.model };
    const { data, text, failed } = await run(step, ...folders);
    console.log(values.json ? JSON.stringify(data) : text);
    if (failed) process.exitCode = 1;
    aws.close();
  },
);

/** @param {string | undefined} text @returns {number | 'all'} */
function rebuildOf(text = '0') {
  if (text === 'all') return text;
  if (!/^\d+$/.test(text)) throw new UsageError(`--rebuild is '${text}'; give a whole number, or all`);
  return Number(text);
}

/** @param {DatasetStep} step @returns {Promise<Result>} */
async function list({ pipeline, signal }) {
  const data = await pipeline.datasets({ signal });
  const rows = data.map(({ folder, kind, rows, parent, reason, when }) => [
    folder,
    kind ?? '?',
    rows,
    parent,
    reason,
    when?.toISOString().slice(0, 16).replace('T', ' '),
  ]);
  const table =
    rows.length > 0
      ? formatTable(['folder', 'kind', 'rows', 'from', 'reason or query', 'when (UTC)'], rows)
      : 'There are no data sets. Make one: npx zx scripts/query.mjs --query 1';
  const broken = data.flatMap(({ folder, problem }) => (problem === null ? [] : [`\n${folder}: ${problem}`]));
  return { data, text: table + broken.join('') };
}

/** @param {DatasetStep} step @param {string} folder @param {string} to @returns {Promise<Result>} */
async function copy({ pipeline, signal, onProgress }, folder, to) {
  const copied = await pipeline.copy(folder, to, { signal, onProgress });
  return { data: { folder: to, rows: copied.rows.length }, text: String(copied) };
}

/** @param {DatasetStep} step @param {string} folder @returns {Promise<Result>} */
async function remove({ pipeline, force, signal }, folder) {
  const data = await pipeline.remove(folder, { force, signal });
  const { folders, objects, left, dependents } = data;
  const lines = [
    `removed ${folders.join(', ')}: ${plural(objects, 'object')}`,
    ...(left.length > 0 ? [`left there, since they are no data set's: ${left.join(', ')}`] : []),
    ...(dependents.length > 0 ? [`saved from it, and still there: ${dependents.join(', ')}`] : []),
  ];
  return { data, text: lines.join('\n') };
}

/** @param {DatasetStep} step @param {string} folder @returns {Promise<Result>} */
async function verify({ pipeline, rebuild, model: source, signal, onProgress }, folder) {
  const model = source === undefined ? undefined : await loadModel(source);
  try {
    const verified = await pipeline.verify(folder, { rebuild, ...(model && { model }), signal, onProgress });
    const { ok, folders } = verified;
    return { data: { ok, folders }, text: String(verified), failed: !ok };
  } finally {
    model?.dispose();
  }
}
