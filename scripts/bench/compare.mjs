// Whether two runs of the bench agree.

/**
 * @import { Summary } from './summary.mjs'
 * @typedef {Pick<Summary, 'stage' | 'delay' | 'contender' | 'ratio'>} Row
 */

/**
 * The ratios of two results that differ by more than `tolerance`, and how many there are in both.
 *
 * @param {readonly Row[]} before
 * @param {readonly Row[]} after
 */
export function compare(before, after, tolerance = 0.2) {
  /** @param {Row} row */
  const key = ({ stage, delay, contender }) => JSON.stringify([stage, delay, contender]);
  const others = new Map(before.map((row) => [key(row), row.ratio?.median]));
  const both = after.flatMap((row) => {
    const [was, is] = [others.get(key(row)), row.ratio?.median];
    const { stage, delay, contender } = row;
    return was === undefined || is === undefined ? [] : [{ stage, delay, contender, before: was, after: is }];
  });
  const differences = both.filter((row) => Math.max(row.before / row.after, row.after / row.before) > 1 + tolerance);
  return { ratios: both.length, differences };
}

/** The same for people. @param {readonly Row[]} before @param {readonly Row[]} after */
export function compareText(before, after) {
  const { ratios, differences } = compare(before, after);
  const lines = differences.map(
    ({ stage, delay, contender, before, after }) =>
      `${stage}${delay ? `, ${delay} ms` : ''}: ${contender}: the kit was ${before.toFixed(2)}x as fast, now ` +
      `${after.toFixed(2)}x`,
  );
  return [...lines, `${ratios - differences.length} of ${ratios} ratios agree within 20%.`].join('\n');
}
