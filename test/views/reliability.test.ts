import { describe, expect, test } from 'vitest';
import { evaluateAttribute } from '../../src/model/evaluation.js';
import { figureSvg, figureText } from '../../src/views/charts/index.js';
import { reliabilityFigure } from '../../src/views/charts/reliability.js';
import { hostile } from './products.js';
import { wellFormed } from './well-formed.js';

// Four images at 0.75, one of them right; one at 0.5, and right.
const scores = Float32Array.of(0.75, 0.25, 0.75, 0.25, 0.75, 0.25, 0.75, 0.25, 0.45, 0.5);
const evaluation = evaluateAttribute(
  'season',
  ['Summer', 'Winter'],
  ['Summer', 'Winter', 'Winter', 'Winter', 'Winter'],
  scores,
);

describe('a reliability diagram', () => {
  const figure = reliabilityFigure(evaluation);
  const [trace] = figure.data;

  test('has a point for each bin with images, larger for more of them, and the calibration error in its title', () => {
    expect(trace).toMatchObject({
      type: 'scatter',
      x: [0.5, 0.75],
      y: [1, 0.25],
      text: ['1', '4'],
      textposition: ['top left', 'bottom right'],
    });
    expect(trace.marker.size).toEqual([15, 24]);
    expect(trace.hovertext[1]).toBe('confidence 75.0%<br>accuracy 25.0%<br>4 images');
    expect(figure.layout.title.text).toBe('season: calibration error 50.0%');
  });

  test('has the diagonal on which confidence and accuracy are the same', () => {
    expect(figure.layout.shapes).toEqual([expect.objectContaining({ type: 'line', x0: 0, y0: 0, x1: 1, y1: 1 })]);
  });

  test('as a still picture has as many points, inside its frame', () => {
    const svg = figureSvg(figure);
    expect(svg.match(/<circle /g)).toHaveLength(2);
    expect(svg).toContain('stroke-dasharray');
    expect(svg).toContain(
      'aria-label="season: calibration error 50.0%: confidence 50.0% accuracy 100.0% 1 image, confidence 75.0%',
    );
    expect(wellFormed(svg)).toBe(true);
  });

  test('in a terminal has a line per bin', () => {
    expect(figureText(figure, 8).split('\n')).toEqual([
      'season: calibration error 50.0%',
      '  confidence  50.0%  accuracy 100.0%  images 1  ████████',
      '  confidence  75.0%  accuracy  25.0%  images 4  ██',
    ]);
  });

  test('escapes what it writes, and of nothing is an empty one', () => {
    const empty = reliabilityFigure(evaluateAttribute(hostile, ['Summer'], [], new Float32Array()));
    expect(JSON.stringify(empty).replaceAll('<br>', '')).not.toContain('<');
    expect(wellFormed(figureSvg(empty))).toBe(true);
    expect(figureSvg(empty)).not.toMatch(/NaN|<script/);
  });
});
