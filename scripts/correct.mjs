#!/usr/bin/env zx
// Corrects products where they are: applies what a review has decided, and takes it back.
import { readFile } from 'node:fs/promises';
import { Catalogue, clients } from '../dist/index.js';
import { parseCorrections, plural } from '../dist/internal.js';
import { announce } from './lib/account.mjs';
import { cli, consent, json, UsageError } from './lib/cli.mjs';

await cli(
  {
    usage: 'npx zx scripts/correct.mjs (corrections.json [--dry-run] | --list | --undo ID | --check) [--json]',
    about: [
      'Corrects the catalogue as a review has decided (show.review, curate.mjs suspects DIR --review FILE). A value',
      'is changed only where it is the one that was looked at; what it was is written down, and can be undone. Exit',
      'status 1 where something was left: it is listed.',
    ].join('\n'),
    options: {
      'dry-run': { type: 'boolean', help: 'only say what would be changed' },
      reason: { type: 'string', help: 'why, for whoever reads the change set' },
      by: { type: 'string', value: 'NAME', help: 'who decided it; default: as the file says, else the user' },
      list: { type: 'boolean', help: 'the change sets, the newest first' },
      undo: { type: 'string', value: 'ID', help: 'take a change set back' },
      check: { type: 'boolean', help: 'find index keys and statistics that other programs have left stale' },
      repair: { type: 'boolean', help: 'with --check: mend them' },
      write: { type: 'boolean', help: 'consent to change a table that another system made' },
      aws: consent,
      json,
    },
    positionals: 1,
    resume: 'What was changed is written down; the same command goes on from there.',
  },
  async ({ values, positionals: [file], signal, onProgress }) => {
    const { list, undo, check, reason, by, 'dry-run': dryRun } = values;
    if (values.repair && !check) throw new UsageError('--repair goes with --check');
    if ([file, list, undo, check].filter((one) => one !== undefined).length !== 1)
      throw new UsageError('give a file of corrections, or --list, --undo ID or --check');
    const aws = clients({ allowAws: values.aws, write: values.write });
    await announce(aws);
    const catalogue = await Catalogue.open(aws);
    const options = { reason, by, dryRun, signal, onProgress };
    if (list) {
      const sets = await catalogue.changes();
      if (values.json) console.log(JSON.stringify({ changeSets: sets.map((set) => ({ ...set, state: set.state })) }));
      else console.log(sets.length > 0 ? sets.join('\n') : `Nothing of ${aws.table} was corrected.`);
    } else if (check) {
      const found = await catalogue.check({ repair: values.repair, signal, onProgress });
      console.log(values.json ? JSON.stringify({ ...found, ok: found.ok }) : String(found));
      if (!found.ok) process.exitCode = 1;
    } else {
      const { result, leftOut = [] } =
        file === undefined ? { result: await catalogue.undo(undo ?? '', options) } : await apply(file);
      if (values.json) console.log(JSON.stringify({ ...result, leftOut }));
      else {
        console.log(String(result));
        if (leftOut.length > 0)
          console.log(`${plural(leftOut.length, 'product')} to be left out of the training set: ${leftOut.join(', ')}`);
        if (result.changeSet !== undefined)
          console.log(`To take it back: npx zx scripts/correct.mjs --undo ${result.changeSet}`);
      }
      if (result.conflicts.length + result.failed.length > 0) process.exitCode = 1;
    }
    aws.close();

    /** @param {string} name */
    async function apply(name) {
      const text = await readFile(name, 'utf8').catch((cause) => {
        if (cause.code !== 'ENOENT') throw cause;
        throw new UsageError(`There is no file ${name}`);
      });
      const decided = parseCorrections(text, catalogue.schema, aws.table);
      const changes = /** @type {Parameters<typeof catalogue.update>[0]} */ (decided.changes);
      const why = { ...options, reason: reason ?? decided.reason, by: by ?? decided.by };
      return { result: await catalogue.update(changes, why), leftOut: decided.leftOut };
    }
  },
);
