#!/usr/bin/env zx
import { assume, assumptions, estimate, tasks } from '../dist/internal.js';
import { cli, UsageError } from './cli.mjs';
import { formatTable, markdownTable } from './table.mjs';

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
      'npx zx scripts/scale.mjs [--images LIST] [--concurrency LIST] [--steps LIST] [--set NAME=VALUE …] ' +
      '[--assumptions] [--markdown | --json]',
    about:
      'Estimates jobs on AWS: time by a simulation of what Lambda, S3 and DynamoDB allow, cost by list ' +
      'prices. Makes no request.',
    options: {
      images: {
        type: 'string',
        value: 'LIST',
        default: '1000000,100000000',
        help: 'numbers of images, joined by commas',
      },
      concurrency: {
        type: 'string',
        value: 'LIST',
        help: 'maximum concurrencies of a function, joined by commas (default: 50, as deployed)',
      },
      steps: { type: 'string', value: 'LIST', default: tasks.join(), help: `the tasks, of ${tasks.join(', ')}` },
      set: {
        type: 'string',
        multiple: true,
        value: 'NAME=VALUE',
        help: 'another value for an assumption; can be given often',
      },
      assumptions: { type: 'boolean', help: 'list the assumptions with their units and sources' },
      markdown: { type: 'boolean', help: 'print a Markdown table' },
      json: { type: 'boolean', help: 'print one JSON object' },
    },
  },
  async ({ values }) => {
    const changes = Object.fromEntries((values.set ?? []).map(pairOf));
    const assumed = assume(changes);
    if (values.assumptions) {
      const rows = Object.entries(assumptions).map(([name, { unit, source }]) => [
        name,
        String(assumed[name]),
        unit,
        source,
      ]);
      return console.log(
        values.json
          ? JSON.stringify({ assumptions: assumed })
          : formatTable(['assumption', 'value', 'unit', 'source'], rows),
      );
    }
    const steps = values.steps.split(',');
    const unknown = steps.find((step) => !tasks.includes(step));
    if (unknown !== undefined) throw new UsageError(`--steps has '${unknown}'; the tasks are ${tasks.join(', ')}`);
    const concurrencies =
      values.concurrency === undefined ? [assumed.maxConcurrency] : numbersOf(values, 'concurrency');
    const estimates = numbersOf(values, 'images').flatMap((images) =>
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

function numbersOf(values, name) {
  return values[name].split(',').map((text) => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= 1 && number <= 1e9) return number;
    throw new UsageError(`--${name} has '${text}'; give whole numbers from 1 to a billion, joined by commas`);
  });
}

function pairOf(text) {
  const [, name, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || Number.isNaN(Number(value)))
    throw new UsageError(`--set '${text}' is no NAME=VALUE with a number`);
  return [name, Number(value)];
}

function timeRow({ images, jobs, maxConcurrency, rampSeconds, seconds, imagesPerSecond, cost, limit }) {
  const dollars = [cost.lambda, cost.s3, cost.sqs, cost.dynamodb, cost.total].map((value) => value.toFixed(2));
  const held = `${limit.name}, ${Math.round(100 * limit.share)}% of the time`;
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

function duration(seconds) {
  const minutes = Math.ceil(seconds / 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

function markdown(columns, rows) {
  return markdownTable(
    columns,
    rows,
    rows[0].map((cell) => typeof cell === 'number' || /^[\d.:]+( s)?$/.test(cell)),
  );
}
