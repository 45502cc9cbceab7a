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
 * Medians over the rounds, with their spread. `ratio` is the kit's speed by the contender's, 2 where the kit is twice as fast: taken round by
 * round, since what else the machine does meets both in a round, and the median of these. A contender that always failed has its `error`.
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
      ratio: contender === kit.contender || ratios.length === 0 ? undefined : spread(ratios),
      cpuPerThousand: median(done.map((run) => (1000 * run.cpuSeconds) / countOf(run))),
      peakMB: median(done.map(({ peakMB }) => peakMB)),
      costPerMillion: done[0].requests && (1e6 * costOf(done[0].requests)) / countOf(done[0]),
    };
  });
}

/** A process counts as one, whatever it did. */
const countOf = ({ whole, items }) => (whole ? 1 : items);
const rateOf = (run) => countOf(run) / run.seconds;
