// From the figures of all runs to a row for each contender of each stage.
import { costOf } from './cost.mjs';
import { groupBy } from './group-by.mjs';

/** The middle one; of an even number, half-way between the middle two. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const spread = (values) => ({ median: median(values), least: Math.min(...values), most: Math.max(...values) });

/**
 * Medians over the rounds, with their spread. `ratio` is the kit's speed by the contender's, 2 where the kit is twice
 * as fast: taken round by round, since what else the machine does meets both in a round, and the median of these. A
 * contender that always failed has its `error`.
 */
export function summarise(runs) {
  const groups = groupBy(runs, ({ stage, delay, contender }) => JSON.stringify([stage, delay, contender]));
  const kits = new Map();
  return [...groups.values()].map((group) => {
    const { stage, unit, whole, delay, role, contender, error } = group[0];
    const head = { stage, unit, whole, delay, role, contender };
    const done = group.filter((run) => run.error === undefined);
    const key = JSON.stringify([stage, delay]);
    if (!kits.has(key)) kits.set(key, { contender, rates: new Map(done.map((run) => [run.round, rateOf(run)])) });
    if (done.length === 0) return { ...head, error };
    const kit = kits.get(key);
    const ratios = done.flatMap((run) => (kit.rates.has(run.round) ? [kit.rates.get(run.round) / rateOf(run)] : []));
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
      costPerMillion: done[0].requests && (1e6 * costOf(done[0].requests)) / countOf(done[0]),
    };
  });
}

/**
 * How far off a stage's ratios may be, as a fraction: the standard error of the median of their logarithms, of the
 * least certain one.
 */
export function uncertainty(runs) {
  return Math.max(0, ...summarise(runs).map(({ ratio }) => ratio?.error ?? 0));
}

/** Of a median of numbers that scatter normally; of one number it is not known. */
function standardError(values) {
  const { length } = values;
  const mean = values.reduce((sum, value) => sum + value, 0) / length;
  return length < 2
    ? Infinity
    : Math.sqrt((Math.PI / 2) * (values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (length - 1) / length));
}

/** A process counts as one, whatever it did. */
const countOf = ({ whole, items }) => (whole ? 1 : items);
const rateOf = (run) => countOf(run) / run.seconds;
