import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as aq from 'arquero';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { barFigure } from '../../src/views/charts/bars.js';
import { readBars } from '../../src/views/charts/bars-drawing.js';
import { histogramFigure } from '../../src/views/charts/histogram.js';
import { chartConfig, figureSvg, figureText } from '../../src/views/charts/index.js';
import { dataset } from '../dataset.js';
import { hostile, row } from './products.js';
import { wellFormed } from './well-formed.js';

const seasons = aq.from([
  row(1),
  row(2, { season: 'Fall' }),
  row(3, { season: null }),
  row(4),
  row(5, { season: null }),
  row(6),
]);

describe('a bar chart', () => {
  test('counts the values of a column, the most frequent first, blanks as (blank)', () => {
    const [trace] = barFigure(seasons, 'season').data;
    expect(trace).toMatchObject({
      type: 'bar',
      orientation: 'h',
      y: ['Summer', '(blank)', 'Fall'],
      x: [3, 2, 1],
      text: ['3', '2', '1'],
    });
  });

  test('keeps numbers in their own order', () => {
    const years = [row(1, { year: 2014 }), row(2, { year: 2012 }), row(3, { year: 2014 })];
    expect(barFigure(years, 'year').data[0].y).toEqual(['2012', '2014']);
  });

  test('sums the rarest values beyond twenty', () => {
    const rows = Array.from({ length: 30 }, (_, i) => [
      { type: `t${i}` },
      ...(i < 19 ? [{ type: `t${i}` }] : []),
    ]).flat();
    const bars = readBars(barFigure(rows, 'type'));
    expect(bars).toHaveLength(20);
    expect(bars[19]).toMatchObject({ label: '(11 others)', n: 11, text: '11' });
  });

  test('has as many values as asked for, in the order asked for, as shares', () => {
    const options = { limit: 2, sort: 'value', share: true, title: 'Seasons', width: 400, height: 300 } as const;
    const { data, layout } = barFigure(seasons, 'season', options);
    expect(data[0]).toMatchObject({ y: ['Summer', '(2 others)'], x: [0.5, 0.5], text: ['50.0%', '50.0%'] });
    expect(layout).toMatchObject({ width: 400, height: 300, title: { text: 'Seasons' } });
  });

  test('divides its bars by the values of another column', () => {
    const rows = [
      row(1, { gender: 'Men' }),
      row(2, { gender: 'Women' }),
      row(3, { gender: 'Women', season: 'Fall' }),
      row(4, { gender: null }),
    ];
    const figure = barFigure(rows, 'season', { colour: 'gender' });
    expect(figure.data.map(({ name, y, x }) => [name, y, x])).toEqual([
      ['Women', ['Summer', 'Fall'], [1, 1]],
      ['Men', ['Summer', 'Fall'], [1, 0]],
      ['(blank)', ['Summer', 'Fall'], [1, 0]],
    ]);
    expect(figure.layout).toMatchObject({ barmode: 'stack', showlegend: true, legend: { title: { text: 'gender' } } });
    expect(figure.layout.annotations?.map(({ y, text }) => [y, text])).toEqual([
      [0, '3'],
      [1, '1'],
    ]);
    expect(figureText(figure, 6)).toBe(
      'season (4 rows)\n  Summer  aabbcc 3\n  Fall    aa 1\n  gender: a Women, b Men, c (blank)',
    );
    const svg = figureSvg(figure);
    expect(svg.match(/<rect /g)).toHaveLength(6);
    expect(wellFormed(svg)).toBe(true);
    const years = histogramFigure(rows, 'year', { colour: 'gender' });
    expect(years.data.map(({ x, y }) => [x, y])).toEqual(
      years.data.map(({ name }) => [['2013'], [name === 'Women' ? 2 : 1]]),
    );
    expect(wellFormed(figureSvg(years))).toBe(true);
  });

  test('sees a data set, its metadata and an array of rows alike', () => {
    expect(barFigure({ metadata: seasons }, 'season')).toEqual(barFigure(seasons, 'season'));
    expect(barFigure(seasons.objects(), 'season')).toEqual(barFigure(seasons, 'season'));
  });

  test('of a column that is not there says which was meant', () => {
    expect(() => barFigure(seasons, 'seasn')).toThrow(/no column 'seasn'. Did you mean 'season'\?/);
  });

  test('of no rows is an empty chart', () => {
    expect(barFigure([], 'season').data[0].x).toEqual([]);
    expect(figureSvg(barFigure([], 'season'))).toContain('season (0 rows)');
  });

  test('leaves no tag of a value for Plotly to read', () => {
    const figure = barFigure([row(1, { season: hostile })], 'season');
    expect(JSON.stringify(figure)).not.toContain('<');
    expect(readBars(figure)[0]?.label).toBe(hostile);
  });
});

describe('a histogram', () => {
  test('has a bar for every year from the first to the last, labelled with whole numbers, and blanks last', () => {
    const rows = [2011, 2014, 2011, null].map((year, i) => row(i, { year }));
    const [trace] = histogramFigure(rows, 'year').data;
    expect(trace).toMatchObject({
      orientation: 'v',
      x: ['2011', '2012', '2013', '2014', '(blank)'],
      y: [2, 0, 0, 1, 1],
    });
  });

  test('puts other numbers into intervals of a round width, the greatest into the last', () => {
    const bars = readBars(
      histogramFigure(
        [0, 0.24, 0.25, 0.999, 1].map((confidence) => ({ confidence })),
        'confidence',
      ),
    );
    expect(bars).toHaveLength(10);
    expect(bars.filter(({ n }) => n > 0).map(({ label, n }) => [label, n])).toEqual([
      ['0–0.1', 1],
      ['0.2–0.3', 2],
      ['0.9–1', 2],
    ]);
  });

  test('counts every number once, whatever the range', () => {
    for (const numbers of [
      [-7.5, 0, 1e6],
      [0.1, 0.1],
      [3, 3, 3],
      [1e-9, 2e-9],
      [15970, 59999, 1163],
    ]) {
      const bars = readBars(
        histogramFigure(
          numbers.map((n) => ({ n })),
          'n',
        ),
      );
      expect(bars.reduce((sum, { n }) => sum + n, 0)).toBe(numbers.length);
      expect(bars.length).toBeLessThan(32);
    }
  });

  test('puts a number at an edge into the interval that begins there, whatever binary fractions make of it', () => {
    const tenths = Array.from({ length: 10 }, (_, i) => ({ n: (i + 1) / 10 }));
    expect(histogramFigure(tenths, 'n').data[0]).toMatchObject({
      x: ['0.1–0.2', '0.2–0.3', '0.3–0.4', '0.4–0.5', '0.5–0.6', '0.6–0.7', '0.7–0.8', '0.8–0.9', '0.9–1'],
      y: [1, 1, 1, 1, 1, 1, 1, 1, 2],
    });
  });

  test('of the same number again and again is one bar with its name', () => {
    expect(histogramFigure([{ n: 0.1 }, { n: 0.1 }], 'n').data[0]).toMatchObject({ x: ['0.1'], y: [2] });
  });

  test('has bars of their own for what is infinite, at either side', () => {
    const figure = histogramFigure(
      [2011, Infinity, 2013, -Infinity, Infinity, null].map((n) => ({ n })),
      'n',
    );
    expect(figure.data[0]).toMatchObject({
      x: ['-Infinity', '2011', '2012', '2013', 'Infinity', '(blank)'],
      y: [1, 1, 0, 1, 2, 1],
    });
    expect(readBars(histogramFigure([{ n: Infinity }], 'n'))).toMatchObject([{ label: 'Infinity', n: 1, text: '1' }]);
  });

  test.each([
    [[-Number.MAX_VALUE, 0, Number.MAX_VALUE]],
    [[1e308, 1.7e308]],
    [[Number.MAX_VALUE, Number.MAX_VALUE]],
    [[-1e308, -1.5, 3]],
    [[0, Number.MIN_VALUE]],
  ])('names both ends of every interval of %j', (numbers) => {
    const bars = readBars(
      histogramFigure(
        numbers.map((n) => ({ n })),
        'n',
      ),
    );
    expect(bars.map(({ label }) => label).join()).not.toMatch(/NaN|Infinity|undefined/);
    expect(bars.reduce((sum, { n }) => sum + n, 0)).toBe(numbers.length);
    expect(new Set(bars.map(({ label }) => label)).size).toBe(bars.length);
  });

  test.each([
    ['tenths', [0, 0.24, 1], 620, 1],
    ['whole numbers', Array.from({ length: 25 }, (_, i) => 10_000 + i), 760, 2],
    ['years', [1990, 2018], 760, 2],
  ])('writes labels of %s level, side by side, in a wider chart or every second one', (_, numbers, width, step) => {
    const figure = histogramFigure(
      numbers.map((n) => ({ n })),
      'n',
    );
    expect(figure.layout).toMatchObject({ width: expect.any(Number), xaxis: { tickangle: 0, tick0: 0 } });
    const { x } = figure.data[0];
    const written = x.filter((_, i) => i % Number(figure.layout.xaxis.dtick) === 0);
    expect(figure.layout.width).toBeGreaterThanOrEqual(520);
    expect(figure.layout.width).toBeLessThanOrEqual(width + 80);
    expect(Number(figure.layout.xaxis.dtick)).toBeLessThanOrEqual(step);
    const widest = Math.max(...x.map((label) => String(label).length));
    expect(written.length * (7 * widest + 4)).toBeLessThan(figure.layout.width - 60);
    for (const label of written) expect(figureSvg(figure)).toContain(`>${label}</text>`);
  });

  test('writes numbers with commas, but for years and ids', () => {
    const rows = [10_000, 12_345, 20_000].map((n, i) => ({ price: n, id: n, year: 2011 + i, released: 2011 + i }));
    expect(histogramFigure(rows, 'price').data[0].x[0]).toBe('10,000–11,000');
    expect(histogramFigure(rows, 'id').data[0].x[0]).toBe('10000–11000');
    expect(histogramFigure(rows, 'year').data[0].x[0]).toBe('2011');
    expect(barFigure(rows, 'released').data[0].y[0]).toBe('2011');
    expect(barFigure(rows, 'price').data[0].y).toEqual(['10,000', '12,345', '20,000']);
  });

  test('of a column of words points to the bar chart', () => {
    expect(() => histogramFigure(seasons, 'season')).toThrow(/"Summer".*not a number.*bar chart/);
  });
});

test('the still picture has a mark and a number for every bar, and escapes what it writes', () => {
  const svg = figureSvg(barFigure([row(1), row(2), row(3, { season: '<b>' })], 'season'));
  expect(svg.match(/<rect /g)).toHaveLength(2);
  expect(svg).toContain('>Summer</text>');
  expect(svg).toContain('aria-label="season (3 rows): Summer 2, &lt;b&gt; 1"');
  expect(svg).not.toContain('<b>');
});

test('in a terminal the bars are of text, in proportion', () => {
  expect(figureText(barFigure(seasons, 'season'), 6)).toBe(
    'season (6 rows)\n  Summer   ██████ 3\n  (blank)  ████ 2\n  Fall     ██ 1',
  );
});

test('a title wider than its chart has several lines, and leaves room to buttons beside it', () => {
  const title = 'Products of all seasons by the year they were first put on sale';
  const years = histogramFigure([row(1)], 'year', { title });
  const bars = barFigure([row(1)], 'season', { title });
  expect(years.layout.title.text.split('<br>')).toEqual([
    'Products of all seasons by the year they were first',
    'put on sale',
  ]);
  expect(years.layout.margin.t).toBe(bars.layout.margin.t + 18);
  expect(figureSvg(years).match(/font-size="14"/g)).toHaveLength(2);
  expect(wellFormed(figureSvg(years))).toBe(true);
  expect(figureText(years).split('\n')[0]).toBe(title);
  expect(chartConfig(years)).not.toHaveProperty('displayModeBar');
  expect(chartConfig(bars)).toEqual({ displayModeBar: false });
});

test('lists of the same items are one value', () => {
  const rows = [['a', 'b'], ['a', 'b'], ['c']].map((tags) => ({ tags }));
  expect(barFigure(rows, 'tags').data[0]).toMatchObject({ y: ['a, b', 'c'], x: [2, 1] });
});

test('a figure that none of the charts draws is refused', () => {
  const figure = barFigure(seasons, 'season');
  const pie = { ...figure, data: [{ ...figure.data[0], type: 'pie' }] };
  for (const draw of [figureSvg, figureText])
    expect(() => Reflect.apply(draw, undefined, [pie])).toThrow(/None of the charts has a trace of the type 'pie'/);
});

describe.skipIf(!dataset)('on the real catalogue', () => {
  const file = dataset ? readFileSync(path.join(dataset, 'styles.csv'), 'utf8') : '';
  const { data: rows } = Papa.parse<Record<string, string>>(file, { header: true, skipEmptyLines: true });

  test('the charts count what the file holds', () => {
    const table = aq.from(
      rows.map(({ season, year }) => ({ season: season || null, year: year ? Number(year) : null })),
    );
    const byHand = (value: string) => rows.filter(({ season }) => season === value).length;
    const bars = readBars(barFigure(table, 'season'));
    expect(bars[0]).toMatchObject({ label: 'Summer', n: byHand('Summer') });
    expect(bars.find(({ label }) => label === 'Fall')?.n).toBe(byHand('Fall'));
    expect(bars.reduce((sum, { n }) => sum + n, 0)).toBe(rows.length);
    const years = readBars(histogramFigure(table, 'year'));
    expect(years.find(({ label }) => label === '2012')?.n).toBe(rows.filter(({ year }) => year === '2012').length);
    expect(years.reduce((sum, { n }) => sum + n, 0)).toBe(rows.length);
  });
});
