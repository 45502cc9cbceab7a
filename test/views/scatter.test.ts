import { describe, expect, test } from 'vitest';
import { numberAxes } from '../../src/views/charts/axes.js';
import { crosstabFigure } from '../../src/views/charts/crosstab.js';
import { figureSvg, figureText } from '../../src/views/charts/index.js';
import { countLabels } from '../../src/views/charts/labels.js';
import { scatterFigure } from '../../src/views/charts/scatter.js';
import { categoryColours, grey } from '../../src/views/palette.js';
import { hostile, row } from './products.js';
import { wellFormed } from './well-formed.js';

const shoes = [
  row(1, { price: 10 }),
  row(2, { price: 30, season: 'Fall', year: 2015 }),
  row(3, { price: null }),
  row(4, { price: 20, productDisplayName: null }),
];

describe('a scatter chart', () => {
  test('has a point for each row with both numbers, with its id and title, and counts the others', () => {
    const { data, layout } = scatterFigure(shoes, 'year', 'price');
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({ type: 'scatter', mode: 'markers', x: [2013, 2015, 2013], y: [10, 30, 20] });
    expect(data[0].hovertext[1]).toBe('id 2<br>Shoe 2<br>year 2015<br>price 30');
    expect(layout.title.text).toBe('price by year (4 rows, 1 blank)');
    expect(layout.showlegend).toBeUndefined();
  });

  test('leaves out what no axis reaches, and says so', () => {
    const rows = [1, 2, Infinity, -1.7e308, null, Number.NaN].map((x) => ({ x, y: 1 }));
    const figure = scatterFigure(rows, 'x', 'y');
    expect(figure.data[0].x).toEqual([1, 2]);
    expect(figure.layout.title.text).toBe('y by x (6 rows, 2 blank, 2 infinite or too large)');
    expect(figureSvg(figure) + figureText(figure)).not.toMatch(/NaN|Infinity/);
  });

  test('has a colour and a place in the legend for each category, the most frequent first', () => {
    const { data, layout } = scatterFigure(shoes, 'year', 'price', { colour: 'season' });
    expect(data.map(({ name, x, marker }) => [name, x, marker.color])).toEqual([
      ['Summer', [2013, 2013], categoryColours[0]],
      ['Fall', [2015], categoryColours[1]],
    ]);
    expect(layout).toMatchObject({ showlegend: true, legend: { title: { text: 'season' } } });
  });

  test('lists its colours in the order asked for', () => {
    const names = (sort?: 'count' | 'value') =>
      scatterFigure(shoes, 'year', 'price', { colour: 'season', ...(sort && { sort }) }).data.map(({ name }) => name);
    expect([names(), names('count'), names('value')]).toEqual([
      ['Summer', 'Fall'],
      ['Summer', 'Fall'],
      ['Fall', 'Summer'],
    ]);
    const prices = [3, 1, 1].map((size) => ({ size, x: 1, y: 1 }));
    expect(scatterFigure(prices, 'x', 'y', { colour: 'size' }).data.map(({ name }) => name)).toEqual(['1', '3']);
  });

  test('writes the numbers of its axes with commas, but for years', () => {
    const dear = [row(1, { price: 10_000 }), row(2, { price: 30_000, year: 2015 })];
    const figure = scatterFigure(dear, 'year', 'price');
    expect([figure.layout.xaxis, figure.layout.yaxis].map(({ separatethousands }) => separatethousands)).toEqual([
      false,
      true,
    ]);
    expect(figure.data[0].hovertext[1]).toBe('id 2<br>Shoe 2<br>year 2015<br>price 30,000');
    const svg = figureSvg(figure);
    expect(svg).toContain('>20,000</text>');
    expect(svg).toContain('>2014</text>');
    expect(figureText(figure)).toMatch(/30,000 │/);
  });

  test('colours the rarest of many categories grey, as others', () => {
    const many = Array.from({ length: 100 }, (_, i) => ({ x: i, y: i, kind: `k${Math.floor(Math.sqrt(i))}` }));
    const { data } = scatterFigure(many, 'x', 'y', { colour: 'kind' });
    expect(data.map(({ name }) => name)).toEqual(['k9', 'k8', 'k7', 'k6', 'k5', 'k4', '(4 others)']);
    expect(data.at(-1)?.marker.color).toBe(grey);
    expect(new Set(data.map(({ marker }) => marker.color)).size).toBe(7);
  });

  test('draws so many points at most, spread over the rows, and says so', () => {
    const many = Array.from({ length: 5000 }, (_, x) => ({ x, y: -x }));
    const {
      data: [{ x }],
      layout,
    } = scatterFigure(many, 'x', 'y', { limit: 4 });
    expect(x).toEqual([0, 1250, 2500, 3750]);
    expect(layout.title.text).toBe('y by x (4 of 5,000 rows)');
    expect(scatterFigure(many, 'x', 'y').data[0].x).toHaveLength(2000);
  });

  test('of words points to the heat map, of a column that is not there to what was meant', () => {
    expect(() => scatterFigure(shoes, 'season', 'price')).toThrow(/"Summer".*not a number.*heat map/);
    expect(() => scatterFigure(shoes, 'year', 'price', { colour: 'seasn' })).toThrow(/Did you mean 'season'/);
  });

  test('as a still picture has every point, ticks inside the chart and a legend', () => {
    const svg = figureSvg(scatterFigure(shoes, 'year', 'price', { colour: 'season' }));
    expect(svg.match(/<circle [^>]*r="3.5"/g)).toHaveLength(3);
    expect(svg.match(/<circle [^>]*r="4"/g)).toHaveLength(2);
    expect(svg).toContain('aria-label="price by year (4 rows, 1 blank): Summer 2 points, Fall 1 point"');
    expect(wellFormed(svg)).toBe(true);
  });

  test.each([[[]], [[{ x: 3, y: 3 }]]])('of %j has an axis, and nothing that is no number', (rows) => {
    for (const drawn of [figureSvg(scatterFigure(rows, 'x', 'y')), figureText(scatterFigure(rows, 'x', 'y'))])
      expect(drawn).not.toMatch(/NaN|Infinity/);
  });

  test('in a terminal has a letter for each category', () => {
    expect(figureText(scatterFigure(shoes, 'year', 'price', { colour: 'season' }), 8)).toBe(
      [
        'price by year (4 rows, 1 blank)',
        '  30 │       b',
        ...Array(5).fill('     │'),
        '     │a',
        ...Array(4).fill('     │'),
        '  10 │a',
        '     └────────',
        '      20132015',
        '  season: a Summer, b Fall',
      ].join('\n'),
    );
  });

  test('leaves nothing of a value for Plotly or a page to read', () => {
    const nasty = `${hostile} $x$`;
    const figure = scatterFigure([{ id: nasty, productDisplayName: nasty, [nasty]: 1, kind: nasty }], nasty, nasty, {
      colour: 'kind',
    });
    expect(JSON.stringify(figure).replaceAll('<br>', '')).not.toMatch(/[<$]/);
    expect(figureText(figure)).toContain(nasty);
    expect(wellFormed(figureSvg(figure))).toBe(true);
  });
});

describe('two columns crossed', () => {
  test('are counted, the most frequent first, numbers in their own order, blanks too', () => {
    const rows = [row(1, { year: 2014 }), row(2), row(3), row(4, { season: null })];
    const {
      data: [trace],
      layout,
    } = crosstabFigure(rows, 'year', 'season');
    expect([trace.x, trace.y, trace.z]).toEqual([
      ['2013', '2014'],
      ['Summer', '(blank)'],
      [
        [2, 1],
        [1, null],
      ],
    ]);
    expect(trace.text).toEqual([
      ['2', '1'],
      ['1', ''],
    ]);
    expect(trace.hovertext[0]?.[0]).toBe('season Summer<br>year 2013<br>2 rows');
    expect(layout.title.text).toBe('season by year (4 rows)');
  });

  test('have others for the rarest, and every row once', () => {
    const rows = Array.from({ length: 90 }, (_, i) => ({ a: `a${Math.floor(Math.sqrt(i) * 3)}`, b: i % 2 }));
    const [trace] = crosstabFigure(rows, 'b', 'a').data;
    expect(trace.y).toHaveLength(20);
    expect(trace.y.at(-1)).toMatch(/^\(\d+ others\)$/);
    expect(trace.z.flat().reduce((a: number, b) => a + (b ?? 0), 0)).toBe(90);
  });

  test('leave no tag of a column’s name for Plotly to read', () => {
    const figure = crosstabFigure([{ [hostile]: hostile }], hostile, hostile);
    expect(JSON.stringify(figure).replaceAll('<br>', '')).not.toContain('<');
    expect(wellFormed(figureSvg(figure))).toBe(true);
  });
});

test('labels say which of them each value has', () => {
  expect(countLabels(['Fall', 'Summer', null, 'Summer', null, 'Summer'])).toEqual({
    labels: [
      { label: 'Summer', n: 3 },
      { label: '(blank)', n: 2 },
      { label: 'Fall', n: 1 },
    ],
    indices: [2, 0, 1, 0, 1, 0],
  });
  expect(countLabels(['a', 'b', 'a', 'c'], { limit: 2 })).toEqual({
    labels: [
      { label: 'a', n: 2 },
      { label: '(2 others)', n: 2 },
    ],
    indices: [0, 1, 0, 1],
  });
});

test('ticks are round numbers within the range', () => {
  const { layout } = scatterFigure([], 'x', 'y');
  const ticks = (range: [number, number]) =>
    numberAxes({ ...layout, xaxis: { range } }).marks.flatMap(
      (mark) => /^<line .*text-anchor="middle">(.*)<\/text>$/.exec(mark)?.slice(1).map(Number) ?? [],
    );
  expect(ticks([0, 1])).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(ticks([-37, 10400])).toEqual([0, 2000, 4000, 6000, 8000, 10000]);
  expect(ticks([2012.8, 2018.2])).toEqual([2013, 2014, 2015, 2016, 2017, 2018]);
});

test.each([0, -1, 1.5, Number.NaN])('a chart of %d values or points at most is refused', (limit) => {
  const rows = [1, 2, 3].map((id) => row(id));
  for (const draw of [
    () => scatterFigure(rows, 'id', 'year', { limit }),
    () => crosstabFigure(rows, 'season', 'gender', { limit }),
    () => countLabels(['a', 'b'], { limit }),
  ])
    expect(draw).toThrow(`The limit is ${limit}; it must be a whole number above 0.`);
});
