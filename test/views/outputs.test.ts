import { createRequire } from 'node:module';
import * as aq from 'arquero';
import sharp from 'sharp';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Row } from '../../src/dataset/row.js';
import { show } from '../../src/views/show.js';
import { row } from './products.js';

// Noise, which no encoder makes small.
const noise = Buffer.from(Uint8Array.from({ length: 1200 * 900 * 3 }, (_, i) => (i * i * 7919) >>> 5));
const large = await sharp(noise, { raw: { width: 1200, height: 900, channels: 3 } })
  .jpeg({ quality: 95 })
  .toBuffer();

const rows = Array.from({ length: 300 }, (_, id) =>
  row(id, { seasonPredicted: 'Winter', seasonConfidence: 0.9, note: 'x'.repeat(20_000) }),
);
const picture = async (found: Row) => ({ id: found.id, row: found, data: large });
/** As a data set does, it reads its images by what it is itself. */
const dataset = {
  rows,
  metadata: aq.from(rows),
  picture(found: Row) {
    return this.sample(0).then(() => picture(found));
  },
  sample: (n: number) => Promise.all(rows.slice(0, n).map(picture)),
};
const pictures = await dataset.sample(300);

const { cache } = createRequire(import.meta.url);
const kernel = '/tslab/dist/jupyter.js';
afterEach(() => {
  delete cache[kernel];
  vi.restoreAllMocks();
});

/** What a cell shows that runs some code. */
async function outputsOf(cell: () => unknown): Promise<string[]> {
  const outputs: string[] = [];
  const lastWriteDisplayData = ({ data }: { data: object }) => outputs.push(JSON.stringify(data));
  Object.assign(cache, { [kernel]: { exports: { lastWriteDisplayData } } });
  await cell();
  return outputs;
}

const suspects = rows.map((item) => {
  return { item, attribute: 'season', label: 'a', predicted: 'b', confidence: 1, given: 0, score: 1 };
});
const neighbours = rows.map((item) => ({ item, similarity: 1 }));
const groups = Array.from({ length: 30 }, () => ({ items: rows, lowest: 1, highest: 1 }));
const variants = { ...dataset, rows: rows.map((each) => ({ ...each, id: 0 })) };

describe('what a cell shows', () => {
  test.each<[string, () => Promise<void>, number]>([
    ['table', () => show.table(dataset, { images: dataset }), 10],
    ['grid', () => show.grid(dataset), 100],
    ['grid of pictures', () => show.grid(pictures), 100],
    ['predictions', () => show.predictions(dataset), 50],
    ['compare', () => show.compare({ ...dataset, rows: rows.slice(0, 1) }, variants, { limit: 1 }), 11],
    ['suspects', () => show.suspects(suspects, dataset), 50],
    ['similar', () => show.similar(rows[0] ?? row(0), neighbours, dataset), 101],
    ['groups', () => show.groups(groups, dataset), 120],
  ])('of large images with %s is bounded', async (_, cell, images) => {
    const [html = ''] = await outputsOf(cell);
    expect(html.match(/<img /g)).toHaveLength(images);
    expect(html).not.toContain('cannot be read');
    expect(html.length).toBeLessThan(images * 45_000 + 200_000);
  });

  test('of many images on one sheet is bounded, and says which they are', async () => {
    const [html = ''] = await outputsOf(() => show.montage(dataset, { size: 20, page: 2 }));
    expect(html).toContain('201 to 300 of 300 images.');
    expect(html).toContain('Contact sheet of 100 images');
  });
});

describe('a data set, rows with images, and pictures are shown alike', () => {
  test.each<[string, (rows: unknown, images?: unknown) => unknown]>([
    ['grid', (given, images) => Reflect.apply(show.grid, show, [given, { limit: 2, ...(images ? { images } : {}) }])],
    ['table', (given, images) => Reflect.apply(show.table, show, [given, { limit: 2, images: images ?? given }])],
    [
      'predictions',
      (given, images) => Reflect.apply(show.predictions, show, [given, { limit: 2, ...(images ? { images } : {}) }]),
    ],
    [
      'montage',
      (given, images) =>
        Reflect.apply(show.montage, show, [given, { limit: 2, size: 20, ...(images ? { images } : {}) }]),
    ],
  ])('by show.%s', async (_, cell) => {
    const shown = await Promise.all([
      outputsOf(() => cell(dataset)),
      outputsOf(() => cell(rows, dataset)),
      outputsOf(() => cell(dataset.metadata, pictures)),
      outputsOf(() => cell(rows, () => large)),
      outputsOf(() => cell(pictures)),
    ]);
    expect(shown[0]?.[0]).toMatch(/<img |image\/png/);
    expect(new Set(shown.map(([html]) => html)).size).toBe(1);
  });

  test.each<[string, unknown, RegExp]>([
    ['a promise', Promise.resolve(rows), /this is a promise: write await before it\./],
    ['a query', { table: 1, toArray: 1 }, /a query that has not been read: await its toArray\(\) or table\(\)\./],
    ['a name', 'jackets', /this is "jackets"\./],
    ['nothing', undefined, /this is undefined\./],
    ['ids', [1163, 1164], /this is an array with 1163 in it\./],
    ['bytes', large, /the bytes of an image, without a row/],
    ['a set', new Set(rows), /\[\.\.\.it\] makes one/],
    ['an object', { rows: 1 }, /an object with rows\./],
  ])('and %s is refused with what to do', async (_, given, said) => {
    for (const view of ['table', 'grid', 'bar', 'histogram', 'scatter', 'heatmap', 'predictions', 'montage'] as const) {
      const cell = async () => Reflect.apply(show[view], show, [given, 'id', 'id']);
      await expect(cell(), view).rejects.toThrow(said);
    }
    const source = async () => Reflect.apply(show.suspects, show, [suspects, given]);
    if (given !== undefined) await expect(outputsOf(source)).rejects.toThrow(/^Images come from a data set/);
    await expect((async () => Reflect.apply(show.compare, show, [given, given]))()).rejects.toThrow(/data sets/);
  });

  test('rows without predictions are refused', async () => {
    const cell = async () => show.predictions([{ row: row(1) }]);
    await expect(cell()).rejects.toThrow(/None of these rows has a prediction/);
  });
});
