import { afterEach, expect, test, vi } from 'vitest';
import { barFigure } from '../../src/views/charts/bars.js';
import { figureSvg, show } from '../../src/views/index.js';
import { PipelineError, visible } from '../../src/work/index.js';
import { picture, row } from './products.js';
import { wellFormed } from './well-formed.js';

/** Clears the screen, sets the window's title, goes back in the line, turns the direction of writing. */
const name = 'Blue\u001b[2J Shirt\u001b]0;owned\u0007\r\u009b1m\u202egpj';
const obeyed = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

afterEach(() => vi.restoreAllMocks());

test('control characters become visible, all other text stays', () => {
  expect(visible(name)).toBe('Blue\\u001b[2J Shirt\\u001b]0;owned\\u0007\\u000d\\u009b1m\\u202egpj');
  const fine = 'Größe 43 – "M/L"\tحذاء 靴 👟\nnext';
  expect(visible(fine)).toBe(fine);
});

test.each<[string, () => void | Promise<void>]>([
  ['a table', () => show.table([row(1, { productDisplayName: name })])],
  ['a grid', () => show.grid([picture(1, { productDisplayName: name })])],
  ['bars', () => show.bar([row(1, { season: name })], 'season')],
  ['a heat map', () => show.heatmap([row(1, { season: name })], 'season', 'gender')],
  ['a scatter chart', () => show.scatter([row(1, { season: name, price: 3 })], 'year', 'price', { colour: 'season' })],
  ['predictions', () => show.predictions([picture(1, { season: name, seasonPredicted: name, seasonConfidence: 0.5 })])],
])('%s sends none of a name to the terminal', async (_, showIt) => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  await showIt();
  const text = log.mock.calls.flat().join('\n');
  expect(text).toContain('Blue\\u001b[2J Shirt');
  expect(text).not.toMatch(obeyed);
});

test('an error sends none of a value to the terminal', () => {
  expect(new PipelineError('test', `There is no field '${name}'.`).message).not.toMatch(obeyed);
});

test('a picture of a chart stays well-formed', () => {
  const svg = figureSvg(barFigure([row(1, { season: name })], 'season'));
  expect(wellFormed(svg)).toBe(true);
});
