#!/usr/bin/env zx
// Speed, measured against what people would use instead: see docs/benchmarks.md.
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { compareText } from './bench/compare.mjs';
import { measureMemory } from './bench/memory.mjs';
import { publish, report } from './bench/report.mjs';
import { measureStages } from './bench/rounds.mjs';
import { stages } from './bench/stages.mjs';
import { cli, UsageError } from './lib/cli.mjs';
import { pythonEnvironment } from './lib/python.mjs';

/**
 * @import { Peak } from './bench/memory.mjs'
 * @import { Plan } from './bench/rounds.mjs'
 * @import { Contender, Stage } from './bench/stages.mjs'
 */

/** @type {Plan} */
const quick = {
  rounds: 1,
  turn: 0,
  minutes: 0,
  repeat: 5,
  rows: 6000,
  seeded: 400,
  many: 400,
  large: 24,
  all: 0,
  most: 80,
  products: [1000, 3000],
};
/** @type {Plan} */
const full = {
  rounds: 1,
  turn: 10,
  minutes: 17,
  repeat: 30,
  rows: Infinity,
  seeded: 10_000,
  many: 2500,
  large: 200,
  all: 40_000,
  products: [1000, 10_000, 100_000, 1_000_000],
};
const requirements = path.join(import.meta.dirname, 'bench/requirements.txt');
const names = [...stages.map(({ name }) => name), 'memory'];

await cli(
  {
    usage:
      'npm run bench -- --dataset DIR [--quick] [--stage NAME …] [--rounds N] [--minutes N] [--out DIR] ' +
      '[--publish] | --compare FILE',
    about:
      'Measures each stage of the kit beside what people would use instead, on the same emulator and the ' +
      'same images, and writes tables, charts and the figures.',
    options: {
      dataset: { type: 'string', value: 'DIR', help: 'the data set: styles.csv and images/<id>.jpg' },
      quick: {
        type: 'boolean',
        help: 'fewer items, one round: under three minutes once its Python environment is there',
      },
      minutes: {
        type: 'integer',
        min: 0,
        help:
          `stages go on for so long while it is open who is faster (default ${full.minutes}; ` +
          `${quick.minutes} with --quick)`,
      },
      stage: {
        type: 'string',
        multiple: true,
        value: 'NAME',
        choices: names,
        help: `only this one; can be given several times: ${names.join(', ')}`,
      },
      rounds: {
        type: 'integer',
        min: 1,
        help: `runs of each contender, at least (default ${full.rounds}; ${quick.rounds} with --quick)`,
      },
      python: {
        type: 'string',
        value: 'PYTHON',
        help: 'the Python to make the environment of the peers with (default: python3), 3.10 or newer',
      },
      out: { type: 'string', value: 'DIR', default: 'out/bench', help: 'where the results go' },
      publish: { type: 'boolean', help: 'write the tables and charts into docs/benchmarks.md, too' },
      compare: {
        type: 'string',
        value: 'FILE',
        help:
          'measure nothing: say which ratios of the results in DIR differ by more than 20% from those of ' +
          'another results.json',
      },
    },
  },
  async ({ values, signal }) => {
    const out = path.resolve(values.out);
    if (values.compare !== undefined) {
      const [before, after] = await Promise.all(
        [values.compare, path.join(out, 'results.json')].map(async (file) => JSON.parse(await readFile(file, 'utf8'))),
      );
      return console.log(compareText(before.rows, after.rows));
    }
    const wanted = values.stage ?? names;
    /** @param {Stage | Contender} one */
    const short = ({ long }) => !(long && values.quick);
    const chosen = stages
      .filter((stage) => wanted.includes(stage.name) && short(stage))
      .map((stage) => ({ ...stage, contenders: stage.contenders.filter(short) }));
    const { dataset, python } = values;
    if (dataset === undefined && chosen.length > 0)
      throw new UsageError('--dataset DIR is missing: the folder with styles.csv and images/');
    const usual = values.quick ? quick : full;
    const { rounds = usual.rounds, minutes = usual.minutes } = values;
    const plan = { ...usual, rounds, minutes };
    await mkdir(out, { recursive: true });
    const started = performance.now();
    const bin = await pythonEnvironment('.venv-bench', {
      requirements,
      python,
      of: 'the bench',
      program: 'The bench',
      command: 'npm run bench',
      time: 'some minutes: TensorFlow is large',
      signal,
    });
    const runs =
      dataset === undefined
        ? []
        : await measureStages(chosen, plan, { dataset: path.resolve(dataset), out, bin, signal });
    /** @type {Peak[]} */
    const memory = wanted.includes('memory') ? await measureMemory(plan.products, { out, signal }) : [];
    const took = (performance.now() - started) / 60_000;
    const results = await report({ runs, memory, minutes: took }, { out, bin });
    if (values.publish) await publish(results);
    console.log(`${results.markdown}\n\nWritten to ${path.relative('', out)}: results.md, results.json, charts`);
  },
);
