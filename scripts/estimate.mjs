#!/usr/bin/env zx
import { assume, assumptions, estimate, messageOf, percent, tasks } from '../dist/internal.js';
import { cli, json, UsageError } from './lib/cli.mjs';
import { formatTable, markdownTable } from './lib/table.mjs';

/**
 * @import { Cell } from './lib/table.mjs'
 * @typedef {ReturnType<typeof estimate> & { maxConcurrency: number }} Estimate
 */

/** Numbers above any that somebody could mean. */
const billion = 1e9;

const timeColumns = [
  'images',
  'jobs',
  'at a time',
  'ramp',
  'time (h:mm)',
  'images/s',
  'Lambda $',
  'S3 $',
  'SQS $',
  'DynamoDB $',
  'total $',
  'held back by',
];
const requestColumns = [
  'images',
  'messages',
  'invocations',
  'GB-seconds',
  'S3 writes',
  'S3 reads',
  'SQS requests',
  'read units',
  'write units',
];

await cli(
  {
    usage:
      'npx zx scripts/estimate.mjs [--images LIST] [--concurrency LIST] [--steps LIST] [--set NAME=VALUE …] ' +
      '[--assumptions] [--markdown | --json]',
    about:
      'Estimates jobs on AWS: time by a simulation of what Lambda, S3 and DynamoDB allow, cost by list ' +
      'prices. Makes no request.',
    options: {
      images: {
        type: 'integer',
        list: true,
        min: 1,
        max: billion,
        default: [1_000_000, 100_000_000],
        help: 'numbers of images, joined by commas',
      },
      concurrency: {
        type: 'integer',
        list: true,
        min: 1,
        max: billion,
        help: 'maximum concurrencies of a function, joined by commas (default: 50, as deployed)',
      },
      steps: { type: 'string', list: true, choices: tasks, default: tasks, help: 'the tasks, joined by commas' },
      set: {
        type: 'string',
        multiple: true,
        value: 'NAME=VALUE',
        help: 'another value for an assumption; can be given often',
      },
      assumptions: { type: 'boolean', help: 'list the assumptions with their units and sources' },
      markdown: { type: 'boolean', help: 'print a Markdown table' },
      json,
    },
  },
  async ({ values }) => {
    const { images: amounts, steps } = values;
    if (values.markdown && values.json) throw new UsageError('--markdown and --json exclude each other');
    const changes = Object.fromEntries((values.set ?? []).map(pairOf));
    const assumed = assuming(changes);
    if (values.assumptions) {
      const byName = new Map(Object.entries(assumed));
      const rows = Object.entries(assumptions).map(([name, { unit, source }]) => [
        name,
        String(byName.get(name)),
        unit,
        source,
      ]);
      return console.log(
        values.json
          ? JSON.stringify({ assumptions: assumed })
          : formatTable(['assumption', 'value', 'unit', 'source'], rows),
      );
    }
    const concurrencies = values.concurrency ?? [assumed.maxConcurrency];
    const estimates = amounts.flatMap((images) =>
      concurrencies.map((maxConcurrency) => ({
        maxConcurrency,
        ...estimate(images, steps, assume({ ...changes, maxConcurrency })),
      })),
    );
    if (values.json) return console.log(JSON.stringify({ steps, estimates }));
    const print = values.markdown ? markdown : formatTable;
    // The requests are the same, however many invocations run at a time.
    const byImages = new Map(estimates.map((estimate) => [estimate.images, estimate]));
    console.log(
      [print(timeColumns, estimates.map(timeRow)), print(requestColumns, [...byImages.values()].map(requestRow))].join(
        '\n\n',
      ),
    );
  },
);

/** @param {Record<string, number>} changes */
function assuming(changes) {
  try {
    return assume(changes);
  } catch (error) {
    throw new UsageError(`--set: ${messageOf(error)}`);
  }
}

/** @param {string} text */
function pairOf(text) {
  const [, name, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || Number.isNaN(Number(value)))
    throw new UsageError(`--set is '${text}'; give NAME=VALUE, VALUE being a number`);
  return [name, Number(value)];
}

/** @param {Estimate} estimate @returns {Cell[]} */
function timeRow({ images, jobs, maxConcurrency, rampSeconds, seconds, imagesPerSecond, cost, limit }) {
  const dollars = [cost.lambda, cost.s3, cost.sqs, cost.dynamodb, cost.total].map((value) => value.toFixed(2));
  const held = `${limit.name}, ${percent(limit.share, 0)} of the time`;
  return [
    images,
    jobs,
    maxConcurrency,
    `${Math.ceil(rampSeconds)} s`,
    duration(seconds),
    Math.round(imagesPerSecond),
    ...dollars,
    held,
  ];
}

/** @param {Estimate} estimate @returns {Cell[]} */
function requestRow({
  images,
  messages,
  invocations,
  gigabyteSeconds,
  requests: { s3Writes, s3Reads, sqs, readUnits, writeUnits },
}) {
  return [
    images,
    messages,
    invocations,
    ...[gigabyteSeconds, s3Writes, s3Reads, sqs, readUnits, writeUnits].map(Math.round),
  ];
}

/** Hours and minutes. @param {number} seconds */
function duration(seconds) {
  const minutes = Math.ceil(seconds / 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

/** @param {readonly string[]} columns @param {readonly (readonly Cell[])[]} rows */
function markdown(columns, rows) {
  const [first = []] = rows;
  return markdownTable(
    columns,
    rows,
    first.map((cell) => typeof cell === 'number' || /^[\d.:]+( s)?$/.test(cell ?? '')),
  );
}
