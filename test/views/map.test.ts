import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { Scored } from '../../src/curation/index.js';
import { decodeImage } from '../../src/image/index.js';
import { figureSvg, figureText } from '../../src/views/charts/index.js';
import { imageMap, type MapOptions } from '../../src/views/panels/map.js';
import { scoredOf } from '../curation/scores.js';
import { hostile } from './products.js';
import { wellFormed } from './well-formed.js';

/** Points around a circle, each with an image of one colour: red ones, then blue ones. */
function circle(n: number): Scored<{ id: number | string; season: string; price: number; productDisplayName: string }> {
  const items = Array.from({ length: n }, (_, i) => ({
    id: i + 1,
    season: i % 3 === 0 ? 'Winter' : 'Summer',
    price: i,
    productDisplayName: i === 0 ? hostile : `Shoe ${i}`,
  }));
  const angle = (i: number) => (2 * Math.PI * i) / n;
  return {
    ...scoredOf(
      items,
      items.map((_, i) => (i % 4 === 0 ? [0.2, 0.8, 0] : [0.8, 0.2, 0])),
    ),
    embeddings: Float32Array.from(items.flatMap((_, i) => [Math.cos(angle(i)), Math.sin(angle(i))])),
    image: ({ id }) => solid(Number(id) <= n / 2 ? '#ff0000' : '#0000ff'),
  };
}

const solid = (background: string) =>
  sharp({ create: { width: 60, height: 80, channels: 3, background } })
    .jpeg()
    .toBuffer();

/** What the script in the page knows. */
const dataOf = (html: string) => JSON.parse(/<script type="application\/json">(.*?)<\/script>/.exec(html)?.[1] ?? '{}');
const sheetsOf = (html: string) =>
  [...html.matchAll(/url\(data:image\/webp;base64,([^)]*)\)/g)].map(([, base64 = '']) => Buffer.from(base64, 'base64'));

describe('a map', () => {
  test('has a trace for each colour, and of each point in their order what is known', async () => {
    const { figure, html } = await imageMap(circle(30), { colour: 'season', name: 'jackets' });
    expect(figure.data.map(({ name, type, x }) => [name, type, x.length])).toEqual([
      ['Summer', 'scatter', 20],
      ['Winter', 'scatter', 10],
    ]);
    expect(figure.layout.title.text).toBe('30 images by season (PCA, 100% of the variance)');
    const data = dataOf(html);
    expect(data.ids).toEqual(
      [2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 20, 21, 23, 24, 26, 27, 29, 30].concat([
        1, 4, 7, 10, 13, 16, 19, 22, 25, 28,
      ]),
    );
    expect(data).toMatchObject({ name: 'jackets', columns: [{ name: 'season', labels: ['Summer', 'Winter'] }] });
    expect(data.columns[0].of).toEqual([...Array(20).fill(0), ...Array(10).fill(1)]);
    expect(html).toContain(`data-key="${figure.layout.meta?.map}"`);
    // On a circle, all points are as far from the middle.
    const { x = [], y = [] } = figure.data[1] ?? {};
    for (const [i, at] of x.entries()) expect(Math.hypot(at - 5e4, (y[i] ?? 0) - 5e4) / 5e4).toBeCloseTo(1, 1);
  });

  test('shows each image in its square of a bounded sheet, which it says, by WebGL from 2,000 points on', async () => {
    const { figure, html } = await imageMap(circle(2400), { size: 16, thumbnails: 300 });
    expect(figure.data.map(({ type }) => type)).toEqual(['scattergl']);
    const { thumbnails, ids } = dataOf(html);
    expect(thumbnails.of).toHaveLength(300);
    expect(html).toMatch(/Thumbnails of 300 of 2,400 images, 16 x 16 pixels, \d+ KB\./);
    const sheets = await Promise.all(sheetsOf(html).map((sheet) => decodeImage(sheet)));
    expect(sheets.map(({ width, height }) => [width, height])).toEqual([
      [256, 256],
      [256, 48],
    ]);
    for (const [i, point] of thumbnails.of.entries()) {
      const sheet = sheets[Math.floor(i / 256)];
      const at = ((Math.floor((i % 256) / 16) * 16 + 8) * 256 + ((i % 256) % 16) * 16 + 8) * 3;
      const [red = 0, , blue = 0] = sheet?.data.subarray(at, at + 3) ?? [];
      expect(red > blue).toBe(ids[point] <= 1200);
    }
  });

  test('is coloured by right and wrong or by intervals of numbers, and counts the columns that tell', async () => {
    const right = await imageMap(circle(30), { colour: { right: 'season' } });
    expect(right.figure.data.map(({ name, x }) => [name, x.length])).toEqual([
      ['right', 18],
      ['wrong', 12],
    ]);
    expect(dataOf(right.html).columns.map(({ name }: { name: string }) => name)).toEqual([
      'season predicted',
      'season',
    ]);
    const price = await imageMap(circle(60), { colour: 'price' });
    expect(price.figure.data.map(({ name, x }) => [name, x.length])).toEqual([
      ['0 to 10', 10],
      ['10 to 20', 10],
      ['20 to 30', 10],
      ['30 to 40', 10],
      ['40 to 50', 10],
      ['50 to 59', 10],
    ]);
  });

  test('draws some of the images, the same for the same seed', async () => {
    const some = (seed: number) => imageMap(circle(50), { n: 20, seed });
    const [one, same, other] = [await some(1), await some(1), await some(2)];
    expect(one.figure.layout.title.text).toContain('20 of 50 images');
    expect(dataOf(one.html).ids).toHaveLength(20);
    expect(same).toEqual(one);
    expect(dataOf(other.html).ids).not.toEqual(dataOf(one.html).ids);
  });

  test('has a still picture and a text, of many points some', async () => {
    const { figure, html } = await imageMap(circle(4500), { colour: 'season', thumbnails: 0 });
    const svg = figureSvg(figure);
    expect(wellFormed(svg)).toBe(true);
    expect(svg.match(/<circle /g)?.length).toBeLessThan(2100);
    expect(svg.length).toBeLessThan(150_000);
    expect(figureText(figure)).toMatch(/4,500 images by season[\s\S]*season: a Summer, b Winter$/);
    expect(figureText(figure)).not.toMatch(/\d{4}/);
    expect(html.length).toBeLessThan(200_000);
  });

  test('lets no name break the page, and says what it lacks', async () => {
    const { image: _, ...scored } = circle(9);
    const { html } = await imageMap(scored, {});
    expect(dataOf(html).names[0]).toBe(hostile);
    expect(html).not.toContain('<script>alert');
    expect(html).toContain('{ images: dataset } shows them');
    const broken = { ...circle(9), image: () => Buffer.from('no image') };
    expect((await imageMap(broken, {})).html).toContain('Thumbnails of 0 of 9 images');
  });

  test.each([
    [{ colour: 'seson' }, 'show.unknownColumn', "Did you mean 'season'?"],
    [{ colour: { right: 'colour' } }, 'curation.unknownAttribute', "does not predict 'colour'"],
    [{ size: 4 }, 'show.badSize', 'is 4; give 8 to 256 pixels'],
    [{ n: 0 }, 'show.badLimit', 'is 0'],
    [{ n: 2 }, 'curation.tooFewImages', 'these are 2'],
    [{ name: 'my jackets' }, 'show.badName', "'my jackets' is no name"],
  ] as [MapOptions<object>, string, string][])('says what is wrong with %j', async (options, code, says) => {
    const error = { code, message: expect.stringContaining(says) };
    await expect(imageMap(circle(9), options)).rejects.toMatchObject(error);
  });
});
