import * as aq from 'arquero';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { Row } from '../../src/dataset/row.js';
import { dataUrl } from '../../src/views/html.js';
import { compareHtml } from '../../src/views/panels/compare.js';
import { gridHtml, gridText } from '../../src/views/panels/grid.js';
import { predictionsHtml, predictionsText } from '../../src/views/panels/predictions.js';
import { shownRows, tableHtml, tableText } from '../../src/views/panels/table.js';
import { rowImages } from '../../src/views/row-images.js';
import { areThumbnails, tileThumbnails } from '../../src/views/thumbnails.js';
import { hostile, picture, row } from './products.js';

const many = aq.from(Array.from({ length: 1684 }, (_, i) => row(i)));
const lines = (html: string) => html.match(/<tr>/g)?.length;

describe('a table', () => {
  test('shows the first and last rows and the whole shape', () => {
    const html = tableHtml(many, { limit: 4 });
    expect([...html.matchAll(/>Shoe (\d+)</g)].map(([, id]) => id)).toEqual(['0', '1', '1682', '1683']);
    expect(html).toContain('>…<');
    expect(html).toContain('<p>1,684 rows x 11 columns</p>');
  });

  test('brings the script that sorts it, without comments, and the orders of its columns', () => {
    const html = tableHtml([{ id: 2 }, { id: 1 }]);
    expect(html).toContain('<div data-orders="[[1,0]]" data-note=" · click a name to sort">');
    const [, script = ''] = /<script>(.*)<\/script>/s.exec(html) ?? [];
    expect(script).toContain('document.currentScript');
    expect(script).not.toMatch(/\/[*/]|^\s/m);
    expect(tableHtml([{ id: 2 }])).not.toMatch(/<script|data-/);
  });

  test('shows all rows, and no gap, where there are few', () => {
    expect(lines(tableHtml([row(1), row(2)]))).toBe(3);
    expect(tableHtml([row(1)])).toContain('<p>1 row x 11 columns</p>');
    expect(tableHtml([row(1), row(2)])).not.toContain('…');
  });

  test('puts numbers to the right, with their heads, and words to the left', () => {
    const html = tableHtml([row(7), row(8, { year: null })]);
    expect(html).toContain('<th scope="col" style="text-align:right;white-space:nowrap">year<br>');
    expect(html).toContain('<td style="text-align:right;white-space:nowrap">2013</td>');
    expect(html).toContain('<td style="text-align:left;white-space:nowrap">Red</td>');
  });

  test('shows a blank faintly as null', () => {
    expect(tableHtml([row(1, { season: null })])).toContain('<span style="opacity:0.5">null</span>');
  });

  test('cuts long text and keeps the whole of it in the title', () => {
    const name = 'A shoe with a name that is longer than a column should be';
    const html = tableHtml([row(1, { productDisplayName: name })]);
    expect(html).toContain(`title="${name}">A shoe with a name that is longer t…</td>`);
  });

  test('has the types of all rows below the names', () => {
    const html = tableHtml([
      { a: 1, b: 'x', c: true, d: [1], e: null, f: 1 },
      ...Array.from({ length: 30 }, () => ({ a: 2, b: null, c: false, d: [], e: null, f: 'x' })),
    ]);
    expect([...html.matchAll(/>(\w)<br><small[^>]*>([^<]*)</g)].map(([, name, type]) => `${name} ${type}`)).toEqual([
      'a number',
      'b string?',
      'c boolean',
      'd list',
      'e null',
      'f number | string',
    ]);
  });

  test('gives the numbers of a column the same decimals, and keeps the whole of one that was cut in the title', () => {
    const html = tableHtml([{ share: 0.5 }, { share: 0.123456 }, { share: null }, { share: 12 }]);
    expect([...html.matchAll(/nowrap"[^>]*>([\d.]+)</g)].map(([, text]) => text)).toEqual([
      '0.5000',
      '0.1235',
      '12.0000',
    ]);
    expect(html.match(/title="[^"]*"/g)).toEqual(['title="0.123456"']);
  });

  test('puts images in front where they are given, and says where one cannot be read', async () => {
    const rows = [row(1), row(2), row(3), row(4)];
    const images = await rowImages(
      rows,
      ({ id }) => (id === 4 ? Promise.reject(new Error('gone')) : picture(Number(id)).data),
      shownRows(rows, { limit: 2 }),
    );
    expect([...images]).toEqual([
      [0, picture(1).data],
      [3, new Error('gone')],
    ]);
    const html = tableHtml(rows, { limit: 2 }, images);
    expect(html.match(/<img [^>]*alt="Red Sports Shoes: Shoe 1"/g)).toHaveLength(1);
    expect(html).toContain('aria-label="Red Sports Shoes: Shoe 4: cannot be read: gone"');
  });

  test('finds the images of a data set by id and variant, whatever columns are left', async () => {
    const rows = [row(7, { variant: 0 }), row(7, { variant: 1 })];
    const dataset = {
      rows,
      picture: (found: Row) =>
        Promise.resolve({ ...picture(found.id, found), data: Uint8Array.of(Number(found.variant)) }),
    };
    const images = await rowImages([{ id: 7, variant: 1 }, { id: 7 }, { id: 8 }], dataset, [0, 1, 2]);
    expect([...images]).toEqual([
      [0, Uint8Array.of(1)],
      [1, Uint8Array.of(0)],
      [2, new Error('There is no image of 8.')],
    ]);
  });

  test('rounds confidences to four digits, writes transforms with their parameters, anything else as JSON', () => {
    const html = tableHtml([
      { confidence: 0.987654321, transforms: [{ name: 'crop', x: 3 }, { name: 'flip' }], pixel: { r: 1 } },
    ]);
    expect(html).toContain('>0.9877<');
    expect(html).toContain('>crop x 3, flip<');
    expect(html).toContain('>{&quot;r&quot;:1}<');
  });

  test('follows the filter and the order of a data frame', () => {
    const table = many.filter('d => d.id > 1681').orderby(aq.desc('id'));
    expect([...tableHtml(table).matchAll(/>Shoe (\d+)</g)].map(([, id]) => id)).toEqual(['1683', '1682']);
  });

  test('of nothing says so', () => {
    expect(tableHtml([])).toContain('0 rows x 0 columns');
    expect(tableText([])).toContain('0 rows x 0 columns');
  });

  test('as text fits the terminal and names the columns that do not', () => {
    const text = tableText([row(1), row(22)], { width: 40 });
    expect(text.split('\n').slice(0, 4)).toEqual([
      '    id  gender  masterCategory',
      'number  string  string',
      '     1  Men     Footwear',
      '    22  Men     Footwear',
    ]);
    expect(text).toContain('2 rows x 11 columns (not shown: subCategory, ');
  });
});

describe('a grid', () => {
  test('holds the images themselves, with alternative text and captions', () => {
    const html = gridHtml([picture(1), picture(2, { season: null })]);
    expect(html).toContain(`<img src="data:image/jpeg;base64,/9j/AQ==" alt="Red Sports Shoes: Shoe 1"`);
    expect(html).toContain('<strong>Shoe 1</strong><br>Men · Sports Shoes · Red · Summer · 2013 · Sports<br>');
    expect(html).toContain('Men · Sports Shoes · Red · 2013 · Sports');
    expect(html.match(/<img /g)).toHaveLength(2);
  });

  test('captions with the columns that are asked for', () => {
    expect(gridHtml([picture(1)], { caption: ['year', 'season'] })).toContain('<strong>2013</strong><br>Summer<br>');
  });

  test('knows the type of an image by its bytes', () => {
    expect(dataUrl(Uint8Array.of(0x89, 0x50, 0x4e, 0x47))).toMatch(/^data:image\/png;/);
    expect(dataUrl(Buffer.from('RIFF\0\0\0\0WEBPVP8 '))).toMatch(/^data:image\/webp;/);
    expect(dataUrl(Buffer.from('GIF89a'))).toMatch(/^data:image\/gif;/);
  });

  test('shows what could not be read, or is no image, as such', () => {
    const html = gridHtml([{ row: row(1) }, { row: row(2), data: Buffer.from('<Error>gone</Error>') }, picture(3)]);
    expect([...html.matchAll(/aria-label="([^"]*)"/g)].map(([, alt]) => alt)).toEqual([
      'Red Sports Shoes: Shoe 1: cannot be read',
      expect.stringMatching(/^Red Sports Shoes: Shoe 2: cannot be read: it is no image of a kind that the kit reads/),
    ]);
    expect(html.match(/<img /g)).toHaveLength(1);
    expect(gridText([{ row: row(1) }, picture(3)])).toBe(
      '2 images\n  1  cannot be read  Red Sports Shoes: Shoe 1\n  3  Red Sports Shoes: Shoe 3',
    );
  });

  test('shows an image of any format, one that browsers do not know as another', async () => {
    const image = sharp({ create: { width: 8, height: 8, channels: 3, background: '#336699' } });
    const kinds = ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const;
    const tiles = await Promise.all(
      kinds.map(async (kind, i) => ({ row: row(i), data: await image.clone().toFormat(kind).toBuffer() })),
    );
    const types = (html: string) => [...html.matchAll(/data:image\/(\w+);/g)].map(([, type]) => type);
    expect(types(gridHtml(await tileThumbnails(tiles)))).toEqual(['jpeg', 'png', 'webp', 'avif', 'gif', 'jpeg']);
    expect(areThumbnails(tiles)).toBe(false);
    expect(gridHtml(tiles)).toContain('cannot be shown: browsers do not show image/tiff');
  });

  test('of nothing says so', () => {
    expect(gridHtml([])).toBe('<p>No images.</p>');
  });
});

test('a comparison puts every variant beside its original and says how it was made', () => {
  const transforms = [
    { name: 'randomCrop', x: 3, y: 7 },
    { name: 'resize', width: 256 },
  ];
  const variants = [0, 1].map((variant) => picture(1, { variant, transforms }));
  const html = compareHtml([{ id: 1, before: picture(1), after: variants }]);
  expect(html.match(/<img /g)).toHaveLength(3);
  expect(html.match(/title="randomCrop x 3 y 7, resize width 256">randomCrop, resize</g)).toHaveLength(2);
});

describe('predictions', () => {
  const guessed = picture(1, {
    genderPredicted: 'Women',
    genderConfidence: 0.934,
    seasonPredicted: 'Summer',
    seasonConfidence: 0.5,
    usage: null,
    usagePredicted: 'Casual',
    usageConfidence: 1,
  });
  const told = (attribute: string) =>
    new RegExp(`<td[^>]*>${attribute}</td>(.*)</tr>`)
      .exec(predictionsHtml([guessed]))?.[1]
      ?.replace(/<[^>]*>/g, '|')
      .split(/\|+/)
      .filter(Boolean);

  test('stand beside labels that differ, with their confidence, marked in words, too', () => {
    expect(told('gender')).toEqual(['Men → ', 'Women', '93%', '✗']);
    expect(predictionsHtml([guessed])).toContain('aria-label="✗ wrong"');
    expect(told('season')).toEqual(['Summer', '50%', '✓']);
  });

  test('without a label are neither right nor wrong', () => {
    expect(told('usage')).toEqual(['– → ', 'Casual', '100%']);
    expect(predictionsHtml([guessed])).toContain('gender 0 of 1 right · season 1 of 1 right · usage 0 of 0 right');
  });

  test('read the same in a terminal', () => {
    expect(predictionsText([guessed])).toMatch(/1 {2}gender Women ✗ wrong, season Summer ✓, usage Casual\n/);
  });
});

test('nothing of the data reaches the page as markup', () => {
  const nasty = picture(1, {
    productDisplayName: hostile,
    baseColour: hostile,
    [hostile]: hostile,
    transforms: [{ name: hostile, [hostile]: hostile }],
    genderPredicted: hostile,
  });
  const pages = [
    tableHtml([nasty.row]),
    gridHtml([nasty]),
    compareHtml([{ id: 1, before: nasty, after: [nasty] }]),
    predictionsHtml([nasty]),
  ];
  for (const page of pages) {
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toMatch(/<script>alert/);
    expect(page).not.toContain('alert("1")');
    expect(page).not.toContain(`'co'`);
  }
});
