#!/usr/bin/env zx
import { Catalogue, clients, Pipeline, queries, queryOf } from '../dist/index.js';
import {
  count,
  definitions,
  encodings,
  exportQuery,
  formatNames,
  messageOf,
  plural,
  readSchemaFile,
} from '../dist/internal.js';
import { announce } from './lib/account.mjs';
import { cli, consent, json, UsageError } from './lib/cli.mjs';

/**
 * @import { Aws, Query, Run, Schema } from '../dist/index.js'
 * @import { Step } from './lib/cli.mjs'
 * @import { Options, Values } from './lib/options.mjs'
 */

const named = Object.values(queries).map(({ name, description }, i) => `  ${i + 1}  ${name.padEnd(27)} ${description}`);

const options = /** @satisfies {Options} */ ({
  query: { type: 'string', short: 'q', value: 'N', help: 'a named query, by number or name' },
  where: {
    type: 'string',
    value: 'JSON',
    help: 'any condition: {"field": value | {"gt": value, …}, "and": […], "or": […], "not": {…}}',
  },
  to: { type: 'string', value: 'FOLDER', help: "the folder to export to; default: the named query's own" },
  schema: {
    type: 'string',
    value: 'FILE',
    help: 'a fields.json with the schema of a table that another system made, as describe.mjs --out keeps it',
  },
  explain: { type: 'boolean', help: 'only say how it would be read and what it would cost' },
  format: {
    type: 'string',
    multiple: true,
    value: formatNames.join('|'),
    choices: formatNames,
    help: 'write the metadata in this format too; can be given more than once',
  },
  'spreadsheet-safe': {
    type: 'boolean',
    help: 'write a CSV for spreadsheets too (the format spreadsheet): no text in it is taken for a formula',
  },
  encode: {
    type: 'string',
    value: encodings.join('|'),
    choices: encodings,
    help: 'how augmented images are encoded; default: jpeg. Exported ones stay as they are',
  },
  quality: { type: 'integer', min: 1, max: 100, help: 'of augmented images that are JPEG or WebP; default: 90' },
  'predictions-name': {
    type: 'string',
    value: 'NAME',
    help: 'the name of the predictions of a query that infers: they stand beside those of other models',
  },
  queue: {
    type: 'boolean',
    help: 'through the queues: as a job that workers or Lambda functions do; waits for it',
  },
  detach: { type: 'boolean', help: 'with --queue: only start the job and print its id' },
  aws: consent,
  json,
});

await cli(
  {
    usage:
      'npx zx scripts/query.mjs (--query 1 | --where \'{"gender":"Men"}\' --to FOLDER) [--explain] ' +
      '[--queue] [--json]',
    about:
      'Runs a query: reads the catalogue, exports images and metadata to a folder of the bucket, augments them and ' +
      `infers from them.\n\n${named.join('\n')}`,
    options,
    resume: 'What was exported is kept; the same command goes on from there.',
  },
  async ({ values, ...step }) => {
    const { signal } = step;
    const query = queryFrom(values);
    const schema = values.schema === undefined ? undefined : await readSchemaFile(values.schema);
    const aws = clients({ allowAws: values.aws });
    await announce(aws);
    if (values.explain) {
      const plan = await (await Catalogue.open(aws, schema)).explain(query.where);
      console.log(
        values.json
          ? JSON.stringify({
              query: query.name ?? null,
              where: query.where,
              plan: String(plan),
              access: plan.access,
              estimate: plan.estimate ?? null,
              notes: plan.notes,
            })
          : String(plan),
      );
      for (const note of plan.notes) console.error(note);
    } else if (values.detach) {
      const { id, products } = await start(aws, schema, query, values, signal);
      console.log(values.json ? JSON.stringify({ job: id, products }) : id);
    } else {
      const run = values.queue
        ? await throughQueue(aws, schema, query, values, step)
        : await directly(aws, schema, query, values, step);
      const { report, failures } = run;
      if (values.json) console.log(JSON.stringify({ ...report, failures }));
      else print(run, aws);
      for (const { id, stage, reason } of failures.slice(0, 10)) console.error(`failed: ${stage} of ${id}: ${reason}`);
      if (failures.length > 10) console.error(`failed: ${failures.length - 10} more; see manifest.json`);
    }
    aws.close();
  },
);

/**
 * @param {Aws} aws
 * @param {Schema | undefined} schema
 * @param {Query} query
 * @param {Values<typeof options>} values
 * @param {AbortSignal} signal
 */
function start(aws, schema, query, values, signal) {
  return new Pipeline(aws, { schema }).run(query, { mode: 'queue', signal, formats: formatsOf(values) });
}

/** @param {Values<typeof options>} values */
function formatsOf({ format = [], 'spreadsheet-safe': safe }) {
  return safe ? [...format, /** @type {const} */ ('spreadsheet')] : format;
}

/**
 * @param {Aws} aws
 * @param {Schema | undefined} schema
 * @param {Query} query
 * @param {Values<typeof options>} values
 * @param {Step} step
 */
async function throughQueue(aws, schema, query, values, { signal, onProgress, note }) {
  const job = await start(aws, schema, query, values, signal);
  console.error(`job ${job.id}: ${count(job.products)} products`);
  note(
    `The job goes on without you. See it end: npx zx scripts/jobs.mjs watch ${job.id}   Stop it: npx zx ` +
      `scripts/jobs.mjs cancel ${job.id}`,
  );
  return job.result({ signal, onProgress });
}

/**
 * What only exports keeps no rows in memory, of which nothing is shown here.
 *
 * @param {Aws} aws
 * @param {Schema | undefined} schema
 * @param {Query} query
 * @param {Values<typeof options>} values
 * @param {Step} step
 */
function directly(aws, schema, query, values, { signal, onProgress }) {
  const formats = formatsOf(values);
  if (!query.augment && !query.infer) return exportQuery(aws, query, { formats, schema, signal, onProgress });
  return new Pipeline(aws, { onProgress, schema }).run(query, { signal, formats });
}

/** @param {Values<typeof options>} values @returns {Query} */
function queryFrom(values) {
  const { encode: format, quality, 'predictions-name': name } = values;
  const plain = plainQuery(values);
  if (name !== undefined && !plain.infer)
    throw new UsageError('--predictions-name goes with a query that infers, such as 5');
  const query = name === undefined ? plain : { ...plain, infer: { name } };
  if (format === undefined && quality === undefined) return query;
  if (!query.augment) throw new UsageError('--encode and --quality go with a query that augments images, such as 4');
  return { ...query, augment: { ...query.augment, ...(format && { format }), ...(quality && { quality }) } };
}

/** @param {Values<typeof options>} values @returns {Query} */
function plainQuery({ query, where, to, explain, queue, detach }) {
  if (detach && !queue) throw new UsageError('--detach goes with --queue');
  if (explain && queue) throw new UsageError('--explain and --queue exclude each other');
  if (query !== undefined && where === undefined)
    return to === undefined ? queryOf(query) : { ...queryOf(query), folder: to };
  if (query !== undefined || where === undefined) throw new UsageError('give either --query or --where');
  if (to === undefined && !explain)
    throw new UsageError('--where needs a folder to export to: --to FOLDER (or --explain)');
  try {
    return { where: JSON.parse(where), folder: to ?? '' };
  } catch (error) {
    throw new UsageError(`--where is not JSON (${messageOf(error)}): ${where}`);
  }
}

/** @param {Partial<Run> & Pick<Run, 'report'>} run @param {Aws} aws */
function print(run, { bucket }) {
  const { report } = run;
  const { name, folder, products, exported, failed, plan, readUnits, seconds } = report;
  console.log(`${name}: ${plural(products, 'product')} in ${seconds.toFixed(1)} s`);
  console.log(`read       ${plan}; ${count(readUnits.consumed)} consumed`);
  console.log(`exported   ${plural(exported, 'image')} and their metadata to s3://${bucket}/${folder}/`);
  for (const { made } of Object.values(definitions)) {
    if (made !== 'exported' && report[made])
      console.log(`${made.padEnd(10)} ${plural(report[made], 'image')}, in ${run[made]?.uri}`);
  }
  if (failed) console.log(`failed     ${count(failed)}`);
}
