import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { compareModels, drift, type Inspection, inspect, search } from '../../src/curation/index.js';
import { encodeJpeg } from '../../src/image/index.js';
import { toColumns } from '../../src/views/columns.js';
import { formsOf } from '../../src/views/display.js';
import { driftHtml } from '../../src/views/panels/drift.js';
import { issueItems, issuesHtml } from '../../src/views/panels/issues.js';
import { modelsHtml, modelsItems } from '../../src/views/panels/models.js';
import { show } from '../../src/views/show.js';
import { scoredOf } from '../curation/scores.js';

/** A picture of one grey. */
const grey = (value: number) => encodeJpeg({ width: 30, height: 40, data: new Uint8Array(3600).fill(value) });

const products = [1, 2, 3, 4].map((id) => ({ id, productDisplayName: `Shirt <${id}>`, season: 'Summer' }));
const sure = (label: number) => [0, 1, 2].map((i) => (i === label ? 0.9 : 0.05));
const first = scoredOf(products, [sure(0), sure(0), sure(0), sure(1)]);
const second = {
  ...scoredOf(products, [sure(0), sure(1), sure(0), sure(2)]),
  model: { ...first.model, name: 'other' },
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe('what was found about images', () => {
  let inspection: Inspection;
  beforeAll(async () => {
    const images = [await grey(200), await grey(200), Uint8Array.of(1)];
    inspection = await inspect({
      name: 'some',
      async *products() {
        yield* products.slice(0, 3);
      },
      image: async (id) => images[Number(id) - 1] ?? Uint8Array.of(),
    });
  });

  test('issues: the worst of each kind below its name, with what was measured', async () => {
    const items = issueItems(inspection);
    const html = issuesHtml(inspection, new Map(items.map((item) => [item, Uint8Array.of()])));
    expect(html).toContain('3 of 3 images have issues: 1 unreadable, 2 blank, 1 exact twin');
    expect(html).toMatch(/<h4[^>]*>blank: 2<\/h4>/);
    expect(html).toContain('Shirt &lt;2&gt;');
    expect(html).toContain('the same as 1');
    expect(issuesHtml(inspection, new Map(), { limit: 1 })).toContain('blank: 2, the worst 1 shown');
    const forms = await formsOf(inspection);
    expect(forms?.['text/plain']()).toContain('3 of 3 images have issues');
  });

  test('two models: a line for each attribute, the classes, and images on which only one is right', async () => {
    const comparison = compareModels(first, second);
    const html = modelsHtml(comparison, new Map(modelsItems(comparison).map((item) => [item, Uint8Array.of()])));
    expect(html).toContain('season: only test is right, 1');
    expect(html).toContain('season: neither is right, 1');
    expect(html).not.toContain('only other is right');
    expect(html).toContain('Winter 90%');
    expect(() => modelsHtml(comparison, new Map(), { attribute: 'saeson' })).toThrow("Did you mean 'season'?");
  });

  test('drift: what has moved, and the strangest images', async () => {
    const after = { ...second, model: first.model, items: products.map((one) => ({ ...one, season: 'Winter' })) };
    const html = driftHtml(await drift(first, after), new Map());
    expect(html).toContain('columns that moved: season (1.000)');
    expect(html).toContain('least like any before');
  });

  test('what names an item is shown with the columns of that', () => {
    const found = search(first, 'summer');
    const { names, at } = toColumns(found);
    expect(names).toEqual(['id', 'productDisplayName', 'season', 'score', 'words']);
    expect(at('words', 0)).toContain('season Summer 90%');
  });

  test('a terminal shows them as text, and reads no image', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    const unread = vi.fn(() => Uint8Array.of());
    await show.issues(inspection);
    await show.models(compareModels(first, second), unread);
    await show.drift(await drift(first, first), unread);
    await show.grid(search(first, 'summer'), { images: unread });
    const texts = log.mock.calls.map(([text]) => String(text));
    expect(texts[0]).toMatch(/^3 of 3 images have issues.*\nunreadable: 1\n {2}3 {2}The image \(1 bytes\)/);
    expect(texts[1]).toMatch(/^test and other on 4 images; not all say which images they were trained on\nattribute /);
    expect(texts[2]).toMatch(/^4 images before, 4 after\ncolumns that moved: none/);
    expect(texts[3]).toMatch(/^\d images/);
  });
});
