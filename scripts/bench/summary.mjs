// From the figures of all runs to a row for each contender of each stage.
import { costOf } from './cost.mjs';
import { groupBy } from './group-by.mjs';

/**
 * A contender in a stage: `whole` where its process is measured from its start to its end, `delay` in milliseconds
 * where requests are delayed.
 *
 * @typedef {object} Contest
 * @property {string} stage
 * @property {string} unit What an item is, in the plural.
 * @property {boolean} [whole]
 * @property {number} [delay]
 * @property {string} role `kit`, `original`, `today` or `bound`.
 * @property {string} contender
 * @property {string} [error] Why it failed.
 */

/**
 * What a contender measured in a run; nothing where it failed.
 *
 * @typedef {object} Figures
 * @property {number} items
 * @property {number} seconds
 * @property {number} cpuSeconds
 * @property {number} peakMB
 * @property {Record<string, number>} [requests] What the proxy counted.
 */

/** @typedef {Contest & Partial<Figures> & { round: number }} Run */
/** @typedef {{ median: number, least: number, most: number }} Spread */

/**
 * A contender's runs. The error of the ratio is the standard error of the median, as a fraction of it.
 *
 * @typedef {object} Summarised
 * @property {number} runs
 * @property {Spread} rate
 * @property {(Spread & { error?: number }) | undefined} ratio
 * @property {number} cpuPerThousand
 * @property {number} peakMB
 * @property {number | undefined} costPerMillion
 */

/** @typedef {Contest & Partial<Summarised>} Summary Only its error of a contender that always failed. */

/** The middle one; of an even number, half-way between the middle two. @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = NaN, high = low] = sorted.slice(Math.ceil(sorted.length / 2) - 1);
  return sorted.length % 2 ? low : (low + high) / 2;
}

/** @param {readonly number[]} values @returns {Spread} */
const spread = (values) => ({ median: median(values), least: Math.min(...values), most: Math.max(...values) });

/**
 * Medians over the rounds, with their spread. `ratio` is the kit's speed by the contender's, 2 where the kit is twice
 * as fast: taken round by round, since what else the machine does meets both in a round, and the median of these. A
 * contender that always failed has its `error`.
 *
 * @param {readonly Run[]} runs
 * @returns {Summary[]}
 */
export function summarise(runs) {
  const groups = groupBy(runs, ({ stage, delay, contender }) => JSON.stringify([stage, delay, contender]));
  /** @type {Map<string, { contender: string, rates: Map<number, number> }>} */
  const kits = new Map();
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { stage, unit, whole, delay, role, contender, error } = first;
    const head = { stage, unit, whole, delay, role, contender };
    const done = group.filter(succeeded);
    const key = JSON.stringify([stage, delay]);
    const kit = kits.get(key) ?? { contender, rates: new Map(done.map((run) => [run.round, rateOf(run)])) };
    kits.set(key, kit);
    const [one] = done;
    if (one === undefined) return { ...head, error };
    const ratios = done.flatMap((run) => {
      const rate = kit.rates.get(run.round);
      return rate === undefined ? [] : [rate / rateOf(run)];
    });
    return {
      ...head,
      runs: done.length,
      rate: spread(done.map(rateOf)),
      ratio:
        contender === kit.contender || ratios.length === 0
          ? undefined
          : { ...spread(ratios), error: standardError(ratios.map(Math.log)) },
      cpuPerThousand: median(done.map((run) => (1000 * run.cpuSeconds) / countOf(run))),
      peakMB: median(done.map(({ peakMB }) => peakMB)),
      costPerMillion: one.requests && (1e6 * costOf(one.requests)) / countOf(one),
    };
  });
}

/** How well a ratio near 1 is to be known, as a fraction of it. */
const enough = 0.05;

/**
 * Whether further runs of a stage may still say something else: a ratio, if twice its error off, may be on the other
 * side of 1. What the kit does beside its own bounds is not asked.
 *
 * @param {readonly Run[]} runs
 */
export function isOpen(runs) {
  return summarise(runs).some(({ role, ratio }) => {
    const { median = 1, error = 0 } = ratio ?? {};
    return role !== 'bound' && error > enough && Math.abs(Math.log(median)) < 2 * error;
  });
}

/** The error of a ratio that was measured once: what else the machine does may hit one of the two. */
const errorOfOne = 0.35;

/** Of a median of numbers that scatter normally. @param {readonly number[]} values */
function standardError(values) {
  const { length } = values;
  const mean = values.reduce((sum, value) => sum + value, 0) / length;
  return length < 2
    ? errorOfOne
    : Math.sqrt((Math.PI / 2) * (values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (length - 1) / length));
}

/** @typedef {Contest & Figures & { round: number }} Succeeded */

/** @param {Run} run @returns {run is Succeeded} */
const succeeded = (run) => run.error === undefined;

/** A process counts as one, whatever it did. @param {Succeeded} run */
const countOf = ({ whole, items }) => (whole ? 1 : items);
/** @param {Succeeded} run */
const rateOf = (run) => countOf(run) / run.seconds;
