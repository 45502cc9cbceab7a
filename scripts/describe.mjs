#!/usr/bin/env zx
import { writeFile } from 'node:fs/promises';
import { clients, describeTable } from '../dist/index.js';
import { announce } from './lib/account.mjs';
import { cli, consent, json } from './lib/cli.mjs';

/** @import { Schema } from '../dist/index.js' */

await cli(
  {
    usage: 'npx zx scripts/describe.mjs --table Shop [--out fields.json] [--json]',
    about:
      'Describes a table that another system made: its key, its indexes, and the fields that a sample of its items ' +
      'has, with a schema to read it by. Nothing is written to it.',
    options: {
      table: { type: 'string', value: 'NAME', help: 'the table; default: ML_PIPELINE_TABLE, else FashionProducts' },
      out: { type: 'string', value: 'FILE', help: 'keep the schema there, for query.mjs --schema FILE' },
      aws: consent,
      json,
    },
  },
  async ({ values, signal }) => {
    const aws = clients({ allowAws: values.aws, table: values.table });
    await announce(aws);
    const described = await describeTable(aws, { signal });
    const { schema } = described;
    if (values.out !== undefined) await writeFile(values.out, `${JSON.stringify(fieldsOf(schema), null, 2)}\n`);
    if (values.json) console.log(JSON.stringify({ ...described, fieldsJson: fieldsOf(schema) }));
    else {
      console.log(String(described));
      console.log(`\n${described.code}`);
      if (values.out !== undefined) console.error(`The schema is in ${values.out}.`);
    }
    aws.close();
  },
);

/**
 * A schema as fields.json has it.
 *
 * @param {Schema} schema
 */
function fieldsOf({ id, fields, layout }) {
  return { ...(id && { idType: id }), fields, layout };
}
