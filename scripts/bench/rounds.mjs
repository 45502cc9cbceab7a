// The rounds of the bench: each contender of each stage, again and again.
import { startServer } from './children.mjs';
import { catalogue, runContender } from './contender.mjs';
import { awsEnvironment, fill, prepare } from './prepare.mjs';
import { isOpen } from './summary.mjs';

/**
 * @import { Setting } from './contender.mjs'
 * @import { Sizes } from './prepare.mjs'
 * @import { Stage } from './stages.mjs'
 * @import { Run } from './summary.mjs'
 * @import { Found } from './verify.mjs'
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

/**
 * All stages, again and again: in a round each contender of a stage is run, so that what else the machine does meets
 * all of them, and a stage whose rounds are short has several, for `plan.turn` seconds. After `plan.rounds`, those
 * stages go on of which it is open who is faster, for as long as `plan.minutes` allow.
 *
 * @param {readonly Stage[]} chosen
 * @param {Plan} plan
 * @param {{ dataset: string, out: string, bin: string, signal: AbortSignal }} options
 */
export async function measureStages(chosen, plan, { dataset, out, bin, signal }) {
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
    const isDue = ({ stage: { rounds = Infinity }, runs }, pass) =>
      pass < rounds && (pass < plan.rounds || (performance.now() < end && isOpen(runs)));
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
