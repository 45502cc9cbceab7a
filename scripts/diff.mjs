#!/usr/bin/env zx
import { Catalogue, clients, diff, openDataset } from '../dist/index.js';
import { announce } from './lib/account.mjs';
import { cli, consent, json, UsageError } from './lib/cli.mjs';
import { formatTable } from './lib/table.mjs';

/** Lines of the table that are printed. */
const mostLines = 50;

await cli(
  {
    usage: 'npx zx scripts/diff.mjs FOLDER [OTHER] [--json]',
    about:
      'How two data sets differ: rows that were added or removed, images with other bytes, values that are others. ' +
      'With one folder: how it differs from the catalogue, and its query, now.\n\n' +
      'Exit status 0 where nothing differs, 1 where something does, 2 where they cannot be compared.',
    options: {
      all: { type: 'boolean', help: `print every line of the table, not the first ${mostLines} only` },
      aws: consent,
      json,
    },
    positionals: 2,
    trouble: 2,
  },
  async ({ values, positionals: [folder, other], signal }) => {
    if (folder === undefined) throw new UsageError('The folder of a data set is missing');
    const aws = clients({ allowAws: values.aws });
    await announce(aws);
    const before = await openDataset(aws, folder);
    const after = other === undefined ? await Catalogue.open(aws) : await openDataset(aws, other);
    const difference = await diff(before, after, { signal });
    const { names, same, columns, fields, rows, any } = difference;
    if (values.json) console.log(JSON.stringify({ ...names, same, columns, fields, rows }));
    else {
      const lines = difference.table();
      const shown = values.all ? lines : lines.slice(0, mostLines);
      console.log(String(difference));
      if (shown.length > 0) console.log(formatTable(['id', 'change', 'field', 'before', 'after'], shown.map(cells)));
      if (shown.length < lines.length) console.log(`… ${lines.length - shown.length} more lines: --all`);
    }
    if (any) process.exitCode = 1;
    aws.close();
  },
);

/** @param {ReturnType<import('../dist/index.js').Difference['table']>[number]} line */
function cells({ id, change, field, before, after }) {
  return [String(id), change, field, textOf(before), textOf(after)];
}

/** @param {unknown} value */
function textOf(value) {
  return value === null || typeof value === 'string' ? value : JSON.stringify(value);
}
