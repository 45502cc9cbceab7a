import { describe, expect, test } from 'vitest';
import { chart } from '../../scripts/bench/chart.mjs';
import { compare, compareText } from '../../scripts/bench/compare.mjs';
import { stageTables } from '../../scripts/bench/report.mjs';
import { isOpen, median, type Run, summarise } from '../../scripts/bench/summary.mjs';

/** Runs of a contender, a round each, `items` in so many seconds. */
const runs = (contender: string, seconds: readonly number[], more: Partial<Run> = {}): Run[] =>
  seconds.map((one, round) => ({
    stage: 'export',
    unit: 'images',
    role: contender,
    contender,
    round,
    items: 100,
    seconds: one,
    cpuSeconds: one / 2,
    peakMB: 50 + round,
    ...more,
  }));

test('the median is the middle, and half-way between the middle two', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 9, 1, 2])).toBe(5.5);
});

describe('summarise', () => {
  test('returns items a second, their spread, CPU seconds and memory as medians of the rounds', () => {
    expect(summarise(runs('kit', [1, 2, 4]))).toMatchObject([
      { runs: 3, rate: { median: 50, least: 25, most: 100 }, cpuPerThousand: 10, peakMB: 51 },
    ]);
  });

  test('the ratio is above 1 where the kit is faster, and is taken within each round', () => {
    // A busy third round slows both down; that leaves their ratio alone.
    const [kit, peer] = summarise([...runs('kit', [1, 1, 10]), ...runs('peer', [2, 3, 25])]);
    expect(kit?.ratio).toBeUndefined();
    expect(peer?.ratio).toEqual({ median: 2.5, least: 2, most: 3, error: expect.closeTo(0.147, 3) });
  });

  test('a contender that did fewer items is compared by items a second', () => {
    expect(summarise([...runs('kit', [1]), ...runs('peer', [1], { items: 10 })])[1]?.ratio?.median).toBe(10);
  });

  test('stages with and without delay are kept apart', () => {
    const rows = summarise([
      ...runs('kit', [1], { delay: 0 }),
      ...runs('peer', [2], { delay: 0 }),
      ...runs('kit', [1], { delay: 20 }),
      ...runs('peer', [30], { delay: 20 }),
    ]);
    expect(rows.map(({ ratio }) => ratio?.median)).toEqual([undefined, 2, undefined, 30]);
  });

  test('of a whole process the process counts, not its items', () => {
    expect(summarise(runs('kit', [2], { whole: true }))).toMatchObject([
      { rate: { median: 0.5 }, cpuPerThousand: 1000 },
    ]);
  });

  test('a failed run is left out of the medians; a contender that never succeeded keeps its error', () => {
    const rows = summarise([
      ...runs('kit', [1, 1]),
      ...runs('peer', [2]),
      ...runs('peer', [9], { round: 1, error: 'broken' }),
      ...runs('other', [1], { error: 'no such program' }),
    ]);
    expect(rows[1]).toMatchObject({ runs: 1, ratio: { median: 2 } });
    expect(rows[2]).toMatchObject({ error: 'no such program' });
    expect(rows[2]?.rate).toBeUndefined();
  });

  test('requests become dollars per million items', () => {
    const [row] = summarise(runs('kit', [1], { requests: { 'S3.write': 100 } }));
    expect(row?.costPerMillion).toBeCloseTo(5, 10);
  });
});

describe('who is faster', () => {
  const open = (...of: Parameters<typeof runs>[]) => isOpen(of.flatMap((some) => runs(...some)));

  test('is open where twice the error of a ratio carries it over 1', () => {
    expect(open(['kit', [1, 1, 1]], ['peer', [1.2, 0.9, 1.3]])).toBe(true);
    expect(open(['kit', [1, 1, 1]], ['peer', [1.2, 1.25, 1.3]])).toBe(false);
  });

  test('is known after one round where one takes twice as long, or where both agree within 5%', () => {
    expect(open(['kit', [1]], ['peer', [1.9]])).toBe(true);
    expect(open(['kit', [1]], ['peer', [2.1]])).toBe(false);
    expect(open(['kit', [1]], ['peer', [1 / 2.1]])).toBe(false);
    expect(open(['kit', [1, 1, 1]], ['peer', [1.01, 0.99, 1]])).toBe(false);
  });

  test('is not asked of what failed, of a bound, and of the kit alone', () => {
    expect(open(['kit', [1]], ['peer', [1], { error: 'broken' }])).toBe(false);
    expect(open(['kit', [1]], ['bound', [1], { role: 'bound' }])).toBe(false);
    expect(open(['kit', [1, 2]])).toBe(false);
  });
});

describe('the tables', () => {
  test('say how many times as fast the kit is, and what failed', () => {
    const [table = ''] = stageTables(
      summarise([...runs('kit', [1, 1]), ...runs('peer', [2, 4]), ...runs('other', [1], { error: 'a | b' })]),
    );
    expect(table).toContain('### export\n');
    expect(table).toContain('| peer | peer | 38 | 2 | 25–50 | **3.00x** as fast (2.00–4.00) |');
    expect(table).toContain('failed: a \\| b |');
  });

  test('give whole processes in seconds', () => {
    const [table = ''] = stageTables(
      summarise([...runs('kit', [2], { whole: true }), ...runs('peer', [3], { whole: true })]),
    );
    expect(table).toContain('| seconds |');
    expect(table).toContain('| peer | peer | 3.0 | 1 |  | **1.50x** as fast |');
  });
});

test('in the chart what is slower than the kit lies to its left, and names are escaped', () => {
  const picture = chart(
    summarise([
      ...runs('kit', [1]),
      ...runs('<slow>', [10], { role: 'original' }),
      ...runs('fast', [0.5], { role: 'original' }),
    ]),
  );
  const [slow = 0, fast = 0] = [...picture.matchAll(/<circle cx="([\d.]+)"[^>]*><title>[^<]*times/g)].map(([, x]) =>
    Number(x),
  );
  const kit = Number(/<text x="([\d.]+)"[^>]*>the kit<\/text>/.exec(picture)?.[1]);
  expect(slow).toBeLessThan(kit);
  expect(fast).toBeGreaterThan(kit);
  expect(picture).toContain('&lt;slow&gt;');
  expect(picture).not.toContain('<slow>');
});

describe('compare', () => {
  const ratio = (median: number) => ({ median, least: median, most: median });
  const row = (contender: string, median: number) => ({ stage: 'export', delay: 20, contender, ratio: ratio(median) });

  test('names the ratios that differ by more than a fifth, either way', () => {
    const { ratios, differences } = compare(
      [row('a', 1), row('b', 1), row('c', 1), row('d', 1)],
      [row('a', 1.19), row('b', 1.21), row('c', 0.84), row('d', 0.8)],
    );
    expect(ratios).toBe(4);
    expect(differences.map(({ contender }) => contender)).toEqual(['b', 'd']);
  });

  test('leaves out what only one of them measured', () => {
    expect(compare([row('a', 1), row('b', 1)], [row('b', 1), row('c', 9)])).toEqual({ ratios: 1, differences: [] });
  });

  test('says it in lines', () => {
    expect(compareText([row('a', 1), row('b', 2)], [row('a', 1), row('b', 4)])).toBe(
      'export, 20 ms: b: the kit was 2.00x as fast, now 4.00x\n1 of 2 ratios agree within 20%.',
    );
  });
});
