#!/usr/bin/env zx
// Speed, measured against what people would use instead: see docs/benchmarks.md.
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { startServer } from './bench/children.mjs';
import { compareText } from './bench/compare.mjs';
import { catalogue, runContender } from './bench/contender.mjs';
import { measureMemory } from './bench/memory.mjs';
import { awsEnvironment, fill, prepare } from './bench/prepare.mjs';
import { publish, report } from './bench/report.mjs';
import { stages } from './bench/stages.mjs';
import { uncertainty } from './bench/summary.mjs';
import { cli, UsageError } from './lib/cli.mjs';
import { pythonEnvironment } from './lib/python.mjs';

/**
 * @import { Setting } from './bench/contender.mjs'
 * @import { Peak } from './bench/memory.mjs'
 * @import { Sizes } from './bench/prepare.mjs'
 * @import { Contender, Stage } from './bench/stages.mjs'
 * @import { Run } from './bench/summary.mjs'
 * @import { Found } from './bench/verify.mjs'
 */

/**
 * How long it takes: rounds at least, seconds of a turn of a stage, minutes in all, repeats of what is short; and how
 * many items there are.
 *
 * @typedef {Sizes & {
 *   rounds: number,
 *   turn: number,
 *   minutes: number,
 *   repeat: number,
 *   most?: number,
 *   products: number[],
 * }} Plan
 */

/**
 * A stage with one delay, and what was measured of it.
 *
 * @typedef {object} Measurement
 * @property {Stage} stage
 * @property {number | undefined} delay
 * @property {Run[]} runs
 * @property {Setting} setting
 * @property {Found} [first] What the first contender of the first round said.
 */

/** Milliseconds that are added to each request. */
const delay = 20;
/** How well each ratio is to be known, as a fraction of it. */
const enough = 0.05;
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
  rounds: 3,
  turn: 15,
  minutes: 34,
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
          `stages whose ratios are still uncertain go on for so long (default ${full.minutes}; ` +
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

/**
 * All stages, again and again: in a round each contender of a stage is run, so that what else the machine does meets
 * all of them, and a stage whose rounds are short has several, for `plan.turn` seconds. After `plan.rounds`, those
 * stages go on whose ratios are still uncertain, for as long as `plan.minutes` allow.
 *
 * @param {readonly Stage[]} chosen
 * @param {Plan} plan
 * @param {{ dataset: string, out: string, bin: string, signal: AbortSignal }} options
 */
async function measureStages(chosen, plan, { dataset, out, bin, signal }) {
  if (chosen.length === 0) return [];
  const data = await prepare(dataset, out, plan, signal);
  const emulator = await startServer('emulator.mjs');
  const proxy = await startServer('delay.mjs', emulator.endpoint, String(delay));
  try {
    if (chosen.some(({ aws }) => aws)) await fill(awsEnvironment(emulator.endpoint, catalogue), data, signal);
    const setting = {
      data,
      mock: emulator.endpoint,
      endpoint: emulator.endpoint,
      bin,
      out,
      repeat: plan.repeat,
      signal,
    };
    /** @type {Measurement[]} */
    const measurements = [
      ...chosen.map((stage) => ({ stage, delay: stage.aws ? 0 : undefined, runs: [], setting })),
      ...chosen
        .filter((stage) => stage.aws)
        .map((stage) => ({ stage, delay, runs: [], setting: { ...setting, endpoint: proxy.endpoint } })),
    ];
    const end = performance.now() + plan.minutes * 60_000;
    /** @param {Measurement} measured @param {number} pass */
    const isDue = ({ stage, runs }, pass) =>
      pass < Math.min(plan.rounds, stage.rounds ?? Infinity) ||
      (stage.rounds === undefined && performance.now() < end && uncertainty(runs) > enough);
    for (let pass = 0, goesOn = true; goesOn; pass++) {
      goesOn = false;
      for (const measured of measurements) {
        if (!isDue(measured, pass)) continue;
        goesOn = true;
        const over = performance.now() + plan.turn * 1000;
        do await measureRound(measured, plan);
        while (performance.now() < over);
      }
    }
    return measurements.flatMap(({ runs }) => runs);
  } finally {
    proxy.close();
    emulator.close();
  }
}

/** @param {Measurement} measured @param {Plan} plan */
async function measureRound(measured, plan) {
  const { stage, runs, delay, setting } = measured;
  const round = runs.length / stage.contenders.length;
  for (const contender of stage.contenders) {
    setting.signal.throwIfAborted();
    const most = (delay && contender.mostDelayed) || contender.most;
    const { found, ...figures } = await runContender(
      stage,
      { ...contender, ...(most && { most: Math.min(most, plan.most ?? Infinity) }) },
      { ...setting, first: measured.first },
    );
    measured.first ??= found;
    const { name, unit, whole } = stage;
    runs.push({
      stage: name,
      unit,
      ...(whole && { whole }),
      ...(delay !== undefined && { delay }),
      role: contender.role,
      contender: contender.name,
      round,
      ...figures,
    });
    const outcome = figures.error ?? `${figures.items} in ${figures.seconds.toFixed(2)} s`;
    console.error(`${name}${delay ? `, ${delay} ms` : ''}: ${contender.name}: ${outcome}`);
  }
}
