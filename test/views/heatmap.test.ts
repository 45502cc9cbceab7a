import { describe, expect, test } from 'vitest';
import { evaluateAttribute } from '../../src/model/evaluation.js';
import { confusionFigure } from '../../src/views/charts/confusion.js';
import { cellColours, heatmapFigure } from '../../src/views/charts/heatmap.js';
import { figureSvg, figureText } from '../../src/views/charts/index.js';
import { hostile } from './products.js';
import { wellFormed } from './well-formed.js';

const sales = heatmapFigure({
  title: 'Products',
  rows: ['Summer', 'Fall'],
  columns: ['Men', 'Women', 'Boys'],
  values: [
    [4, 2, 0],
    [1, 0, 0],
  ],
});

describe('a heat map', () => {
  test('has a colour, a text and a hover for every value, the greatest in the last colour', () => {
    const [trace] = sales.data;
    expect(trace).toMatchObject({
      type: 'heatmap',
      x: ['Men', 'Women', 'Boys'],
      y: ['Summer', 'Fall'],
      z: [
        [4, 2, null],
        [1, null, null],
      ],
      zmin: 0,
      zmax: 4,
    });
    expect(trace.text).toEqual([
      ['4', '2', '0'],
      ['1', '0', '0'],
    ]);
    expect(trace.hovertext[0]?.[1]).toBe('Summer<br>Women<br>2');
    expect(cellColours(trace, 0)).toEqual({ fill: 'rgb(0,34,78)', text: '#ffffff' });
    expect(cellColours(trace, null).fill).toBe('transparent');
    expect(cellColours(trace, 4)).toEqual({ fill: 'rgb(254,232,56)', text: '#000000' });
    expect(cellColours(trace, 0.5).fill).toBe('rgb(78,87,110)');
  });

  test('writes all texts or none, but tells each to the pointer and the terminal', () => {
    const columns = Array.from({ length: 20 }, (_, i) => `c${i}`);
    const wide = { title: 'wide', rows: ['r'], columns, values: [columns.map((_, i) => 10 ** i)] };
    const figure = heatmapFigure(wide);
    expect(new Set(figure.data[0].text[0])).toEqual(new Set(['']));
    const brief = (_: number, column: number) => `e${column}`;
    expect(heatmapFigure({ ...wide, brief }).data[0].text[0]?.slice(0, 3)).toEqual(['e0', 'e1', 'e2']);
    expect(figure.data[0].hovertext[0]?.[6]).toBe('r<br>c6<br>1,000,000');
    expect(figureText(figure)).toContain(' 1,000,000 ');
  });

  test('of nothing is an empty one', () => {
    const svg = figureSvg(heatmapFigure({ title: 'nothing', rows: [], columns: [], values: [] }));
    expect(svg).not.toMatch(/NaN|Infinity|<rect/);
    expect(wellFormed(svg)).toBe(true);
  });

  test('has room for its labels, and cuts those that are very long', () => {
    const rows = ['a label of twenty ch.', 'x'.repeat(60)];
    const { layout } = heatmapFigure({
      title: 'labels',
      rows,
      columns: rows,
      values: [
        [1, 2],
        [3, 4],
      ],
    });
    expect(layout.margin.l).toBeGreaterThan(28 * 6.8);
    expect(layout.xaxis.ticktext).toEqual(['a label of twenty ch.', `${'x'.repeat(27)}…`]);
  });

  test('as a still picture has a cell for every value, and escapes what it writes', () => {
    const svg = figureSvg(
      heatmapFigure({
        title: hostile,
        rows: [hostile, 'b'],
        columns: ['c', hostile],
        values: [
          [1, 2],
          [3, 4],
        ],
        axes: { rows: hostile, columns: hostile },
      }),
    );
    expect(svg.match(/<rect /g)).toHaveLength(4);
    expect(svg.match(/<title>/g)).toHaveLength(4);
    expect(svg).not.toContain('<script');
    expect(wellFormed(svg)).toBe(true);
  });

  test('leaves no tag of a value for Plotly to read', () => {
    const figure = heatmapFigure({
      title: hostile,
      rows: [hostile],
      columns: [hostile],
      values: [[1]],
      text: () => hostile,
    });
    expect(JSON.stringify(figure).replaceAll('<br>', '')).not.toContain('<');
  });

  test('in a terminal has a line per row and numbered columns', () => {
    expect(figureText(sales)).toBe(
      'Products\n          1  2  3\n  Summer  4  2  0\n  Fall    1  0  0\n  columns: 1 Men, 2 Women, 3 Boys',
    );
  });
});

/** Labels given and predicted, `count` times each. */
function evaluated(labels: string[], pairs: [given: string, predicted: string, count: number][]) {
  const all = pairs.flatMap(([given, predicted, count]) => Array.from({ length: count }, () => ({ given, predicted })));
  const scores = Float32Array.from(
    all.flatMap(({ predicted }) => labels.map((label) => (label === predicted ? 0.9 : 0))),
  );
  return evaluateAttribute(
    'kind',
    labels,
    all.map(({ given }) => given),
    scores,
  );
}

describe('a confusion matrix', () => {
  const shoes = evaluated(
    ['Heels', 'Flats', 'Boots', 'Clogs', 'Never'],
    [
      ['Flats', 'Flats', 6],
      ['Flats', 'Heels', 2],
      ['Heels', 'Heels', 3],
      ['Boots', 'Flats', 1],
      ['Clogs', 'Boots', 1],
    ],
  );

  test(
    'has the labels given in rows and those predicted in columns, the most frequent first, without those that ' +
      'never occur',
    () => {
      const figure = confusionFigure(shoes);
      const [trace] = figure.data;
      expect(trace.y).toEqual(['Flats', 'Heels', 'Boots', 'Clogs']);
      expect(trace.x).toEqual(trace.y);
      expect(trace.z).toEqual([
        [0.75, 0.25, null, null],
        [null, 1, null, null],
        [1, null, null, null],
        [null, null, 1, null],
      ]);
      expect(trace.text).toEqual([
        ['6', '2', '', ''],
        ['', '3', '', ''],
        ['1', '', '', ''],
        ['', '', '1', ''],
      ]);
      expect(trace.hovertext[0]?.[1]).toBe('given Flats<br>predicted Heels<br>2 of 8 (25.0%)');
      expect(figure.layout.title.text).toBe('kind: 69.2% of 13 images right');
    },
  );

  test('joins the rare labels as others, and counts every image once', () => {
    const figure = confusionFigure(shoes, { limit: 2 });
    expect(figure.data[0].y).toEqual(['Flats', 'Heels', '(2 others)']);
    expect(figure.data[0].text).toEqual([
      ['6', '2', ''],
      ['', '3', ''],
      ['1', '', '1'],
    ]);
  });

  test('joins no single label', () => {
    expect(confusionFigure(shoes, { limit: 3 }).data[0].y).toHaveLength(4);
  });

  test('outlines where prediction and label agree, the others left out', () => {
    expect(confusionFigure(shoes).layout.shapes).toHaveLength(4);
    expect(confusionFigure(shoes, { limit: 2 }).layout.shapes?.map(({ x0, y0, x1, y1 }) => [x0, y0, x1, y1])).toEqual([
      [-0.5, -0.5, 0.5, 0.5],
      [0.5, 0.5, 1.5, 1.5],
    ]);
    const svg = figureSvg(confusionFigure(shoes));
    expect(svg.match(/<rect [^>]*fill="none"/g)).toHaveLength(4);
    expect(svg.match(/<rect [^>]*fill="rgb/g)).toHaveLength(5);
    expect(svg.match(/<rect [^>]*fill="transparent/g)).toHaveLength(11);
    expect(svg).toContain('<title>given Flats\npredicted Heels\n2 of 8 (25.0%)</title>');
    expect(wellFormed(svg)).toBe(true);
  });

  test('knows labels that the model does not know', () => {
    const [trace] = confusionFigure(evaluated(['Heels'], [['Wellingtons', 'Heels', 2]])).data;
    expect([trace.y, trace.z]).toEqual([
      ['Wellingtons', 'Heels'],
      [
        [null, 1],
        [null, null],
      ],
    ]);
  });
});
