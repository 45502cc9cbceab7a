// Whether two runs of the bench agree.

/** The ratios of two results that differ by more than `tolerance`, and how many there are in both. */
export function compare(before, after, tolerance = 0.2) {
  const key = ({ stage, delay, contender }) => JSON.stringify([stage, delay, contender]);
  const others = new Map(before.filter(({ ratio }) => ratio).map((row) => [key(row), row.ratio.median]));
  const both = after.filter((row) => row.ratio && others.has(key(row)));
  const differences = both.flatMap((row) => {
    const [a, b] = [others.get(key(row)), row.ratio.median];
    return Math.max(a / b, b / a) > 1 + tolerance
      ? [{ stage: row.stage, delay: row.delay, contender: row.contender, before: a, after: b }]
      : [];
  });
  return { ratios: both.length, differences };
}

/** The same for people. */
export function compareText(before, after) {
  const { ratios, differences } = compare(before, after);
  const lines = differences.map(
    ({ stage, delay, contender, before, after }) =>
      `${stage}${delay ? `, ${delay} ms` : ''}: ${contender}: the kit was ${before.toFixed(2)}x as fast, now ` +
      `${after.toFixed(2)}x`,
  );
  return [...lines, `${ratios - differences.length} of ${ratios} ratios agree within 20%.`].join('\n');
}
