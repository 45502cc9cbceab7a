import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients } from '../../src/aws/clients.js';
import { seedCatalogue } from '../../src/catalogue/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { mapPage } from '../../src/views/pages/map-page.js';
import { imageMap, type MapOptions } from '../../src/views/panels/map.js';
import { run } from '../scripts/script.js';
import { type TestServer, testServer } from '../server.js';
import { jupyter } from '../views/execute.js';
import { launch, skipped, skippedBrowser } from './chromium.js';
import { type Lab, startLab } from './lab.js';
import { errors, notebookOf, openNotebook, runAll, save, screenshot, screenshots } from './notebook.js';

const folder = path.resolve('out/browser-map');
const red = await sharp({ create: { width: 60, height: 80, channels: 3, background: '#ff0000' } })
  .jpeg()
  .toBuffer();

/** Draws around the points of a chart's part, to `share` of its width and from as far as `from` of it. */
async function lasso(page: Page, chart: Locator, share: number, from = 0): Promise<void> {
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.locator('.nsewdrag').first().boundingBox();
  if (!box) throw new Error('The chart is not there.');
  const { x, y, width, height } = box;
  const corners = [
    [2 + from * width, 2],
    [share * width, 2],
    [share * width, height - 2],
    [2 + from * width, height - 2],
    [2 + from * width, 4],
  ];
  for (const [i, [across = 0, down = 0]] of corners.entries()) {
    await page.mouse.move(x + across, y + down, { steps: 8 });
    if (i === 0) await page.mouse.down();
  }
  await page.mouse.up();
}

/** Moves the mouse over the chart until it is on a point. */
async function pointAtOne(page: Page, chart: Locator): Promise<void> {
  const box = await chart.locator('.nsewdrag').first().boundingBox();
  if (!box) throw new Error('The chart is not there.');
  const tip = chart.locator('.mlm-tip');
  for (let i = 1; i < 400 && !(await tip.isVisible()); i++)
    await page.mouse.move(box.x + (box.width * (i % 20)) / 20, box.y + (box.height * Math.floor(i / 20)) / 20);
  await tip.waitFor();
}

/** A chart as Plotly keeps it. */
interface Drawn {
  data: { selectedpoints?: number[] }[];
}

/** How many points of a chart without WebGL are dimmed. */
const dimmed = (chart: Locator) => chart.locator('path.point[style*="opacity: 0.12"]').count();

describe.skipIf(skippedBrowser)(`a map in a page of its own${skippedBrowser}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    browser = await launch();
  });
  afterAll(() => browser?.close());

  type Product = { id: number | string; season: string; variant?: number };
  /** Two heaps, the first of `left` points, at the left. */
  async function open(name: string, items: readonly Product[], left: number, options: MapOptions<Product> = {}) {
    const angle = (i: number) => (i < left ? 2 : 0) + 0.01 * (i % 7) + (0.1 * i) / items.length;
    const embeddings = Float32Array.from(items.flatMap((_, i) => [Math.sin(angle(i)), Math.cos(angle(i))]));
    const map = await imageMap({ items, embeddings, dimensions: 2 }, { images: () => red, ...options });
    const file = path.join(folder, `${name}.html`);
    await writeFile(file, mapPage('Map', 'Some shoes', map));
    const context = await browser.newContext({ offline: true, viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on('request', (request) => !/^(blob:|data:|file:)/.test(request.url()) && wrong.push(request.url()));
    page.on('pageerror', (error) => wrong.push(error.message));
    await page.goto(pathToFileURL(file).href);
    const chart = page.locator('.js-plotly-plot[data-answers]');
    await chart.waitFor();
    return { page, wrong, chart };
  }

  const cell = (page: Page) => page.locator('.mlm-cell').textContent();
  const status = (page: Page) => page.locator('.mlm-status').textContent();
  const hat = (i: number): Product => ({ id: i, season: i % 2 ? 'Fall' : 'Summer' });

  test('a lasso catches points, with their thumbnails, counts and a cell, which outlast a reload', async () => {
    const { page, wrong, chart } = await open(
      'lasso',
      Array.from({ length: 50 }, (_, i) => hat(i + 1)),
      20,
      {
        colour: 'season',
        name: 'hats',
      },
    );
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    expect(await status(page)).toBe('50 images');
    await pointAtOne(page, chart);
    expect(await chart.locator('.mlm-tip').textContent()).toMatch(/^\d+ · (Fall|Summer)$/);
    expect(await chart.locator('.mlm-tip .mlm-picture').evaluate(painted)).toMatch(/^url\("data:image\/webp/);
    await lasso(page, chart, 0.4);
    await expect.poll(() => status(page)).toBe('20 images caught');
    expect(await page.locator('.mlm-counts').innerText()).toMatch(/season\s+(Fall 10 · Summer 10|Summer 10 · Fall 10)/);
    expect(await page.locator('.mlm-pictures .mlm-picture').count()).toBe(20);
    const ids = [...((await cell(page)) ?? '').matchAll(/\d+/g)].map(Number).sort((a, b) => a - b);
    expect(ids).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(await cell(page)).toMatch(/^const caught = hats\.where\(\{ id: \{ in: \[\n {2}\d+, /);
    await page.locator('.mlm-pictures .mlm-picture').first().click();
    expect(await status(page)).toBe('19 images caught');
    await expect.poll(() => dimmed(chart)).toBe(31);
    const left = await cell(page);
    await page.getByRole('button', { name: 'Copy as cell' }).click();
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(left);
    await page.reload();
    expect(await status(page)).toBe('19 images caught');
    expect(await cell(page)).toBe(left);
    await expect.poll(() => dimmed(chart)).toBe(31);
    // The lasso adds to what was caught before the reload, too.
    await page.keyboard.down('Shift');
    await lasso(page, chart, 0.99, 0.5);
    await page.keyboard.up('Shift');
    await expect.poll(() => status(page)).toBe('49 images caught');
    await expect.poll(() => dimmed(chart)).toBe(1);
    await page.getByRole('button', { name: 'Clear' }).click();
    expect(await status(page)).toBe('50 images');
    await expect.poll(() => dimmed(chart)).toBe(0);
    // What it is told, it does not take for what a person does; that still works.
    await lasso(page, chart, 0.4);
    await expect.poll(() => status(page)).toBe('20 images caught');
    await expect.poll(() => dimmed(chart)).toBe(30);
    await chart.locator('.nsewdrag').first().dblclick();
    await expect.poll(() => status(page)).toBe('50 images');
    expect(wrong).toEqual([]);
    await page.context().close();
  });

  test('the legend filters what is caught; ids are texts of any kind', async () => {
    const ids = ["it's", 'a"b', 'a\\b', '</script>', '$&{x}', '0042', 'é 🙂', '`'];
    const { page, wrong, chart } = await open(
      'texts',
      ids.map((id, i) => ({ ...hat(i), id })),
      8 - 1,
      { colour: 'season' },
    );
    await chart.locator('.legendtoggle').first().click();
    // A second click within a moment would be a double one.
    await expect.poll(() => chart.locator('.legend .traces').first().getAttribute('style')).toContain('opacity: 0.5');
    await lasso(page, chart, 0.99);
    await expect.poll(() => status(page)).toBe('4 images caught');
    await chart.locator('.legendtoggle').first().click();
    await expect.poll(() => chart.locator('.scatterlayer .trace').count()).toBe(2);
    await lasso(page, chart, 0.99);
    await expect.poll(() => status(page)).toBe('8 images caught');
    const code = /in: (\[.*\])/.exec((await cell(page)) ?? '')?.[1];
    expect(new Set(new Function(`return ${code}`)())).toEqual(new Set(ids));
    expect(wrong).toEqual([]);
    await page.context().close();
  });

  test('of augmented images the cell names the variants', async () => {
    const items = [0, 1, 2].flatMap((variant) => [1, 2].map((id) => ({ ...hat(id), variant })));
    const { page, chart } = await open('variants', items, 3);
    await lasso(page, chart, 0.5);
    await expect
      .poll(() => cell(page))
      .toBe(
        'const caught = dataset.where(' +
          '{ or: [{ variant: 0, id: { in: [1, 2] } }, { variant: 1, id: { in: [1] } }] });\n',
      );
    await page.context().close();
  });

  test('40,000 points are drawn by WebGL and caught; a condition too long becomes a set', async () => {
    const items = Array.from({ length: 40_000 }, (_, i) => hat(100_000 + i));
    const { page, wrong, chart } = await open('many', items, 39_000, { thumbnails: 0 });
    expect(await chart.locator('canvas').count()).toBeGreaterThan(0);
    await lasso(page, chart, 0.6);
    await expect.poll(() => status(page)).toBe('39,000 images caught');
    expect(await cell(page)).toMatch(
      /^const ids = new Set<number \| string>\(\[[\s\S]*\.filter\(\(\{ id \}\) => ids\.has\(id\)\)\);\n$/,
    );
    await page.reload();
    const selected = () =>
      chart.evaluate((node) => (node as unknown as Drawn).data.map((one) => one.selectedpoints?.length));
    await expect.poll(selected).toEqual([39_000]);
    expect(await status(page)).toBe('39,000 images caught');
    expect(wrong).toEqual([]);
    await page.context().close();
  });
});

/** The picture behind an element. */
const painted = (element: unknown) =>
  (globalThis as unknown as { getComputedStyle(of: unknown): { backgroundImage: string } }).getComputedStyle(element)
    .backgroundImage;

describe.skipIf(skipped)(`a map in JupyterLab${skipped}`, () => {
  let server: TestServer;
  let lab: Lab;
  let browser: Browser;
  beforeAll(async () => {
    server = await testServer();
    const aws = clients({ env: server.env });
    await seedCatalogue(aws, sampleSource());
    aws.close();
    [lab, browser] = await Promise.all([startLab(server), launch()]);
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.close();
    await server?.close();
  });

  test('of 720 images stands beside what a lasso catches; the copied cell gives those rows; it outlasts a reload and ' +
    'works in the exported page', async () => {
    const begin = [
      "import { connect, loadModel, show } from 'ml-pipeline';",
      'const { pipeline } = await connect();',
      "const products = await pipeline.run({ where: {}, folder: 'all_products' });",
      'const scored = await pipeline.score(products);',
    ].join('\n');
    const draw = "await show.map(scored, { colour: 'masterCategory', name: 'products' });";
    const file = path.join(lab.folder, 'map.ipynb');
    await writeFile(file, notebookOf([begin, draw]));
    const page = await browser.newPage({ viewport: { width: 1500, height: 900 } });
    page.setDefaultTimeout(60_000);
    let notebook = await openNotebook(page, lab.address('map.ipynb'));
    await runAll(notebook);
    expect(await errors(notebook)).toEqual([]);
    const chart = () => notebook.panel.locator('.js-plotly-plot[data-answers]');
    const status = () => notebook.panel.locator('.mlm-status').textContent();
    await chart().waitFor();
    expect(await status()).toBe('720 images');
    await pointAtOne(page, chart());
    expect(await chart().locator('.mlm-tip .mlm-picture').evaluate(painted)).toMatch(/^url\("data:image\/webp/);
    const drawn = chart().locator('.svg-container');
    const [left, right] = [await drawn.boundingBox(), await notebook.panel.locator('.mlm').boundingBox()];
    expect(right?.x ?? 0).toBeGreaterThanOrEqual((left?.x ?? 0) + (left?.width ?? Infinity));
    expect(Math.abs((right?.y ?? 0) - (left?.y ?? 0))).toBeLessThan(40);
    // What comes after it does not lie on the chart.
    expect(right?.height).toBeGreaterThanOrEqual(left?.height ?? Infinity);
    await lasso(page, chart(), 0.3);
    await expect.poll(status).toMatch(/ caught$/);
    const cell = (await notebook.panel.locator('.mlm-cell').textContent()) ?? '';
    const ids = [...cell.matchAll(/\d+/g)].map(([id]) => Number(id));
    expect(await status()).toBe(`${ids.length} images caught`);
    await screenshot(notebook, 'map');
    await page.setViewportSize({ width: 520, height: 900 });
    await screenshot(notebook, 'map-520');
    await page.setViewportSize({ width: 1500, height: 900 });

    // Pasted into a cell below and run.
    await save(notebook);
    await writeFile(
      path.join(lab.folder, 'pasted.ipynb'),
      notebookOf([begin, `${cell}console.log(JSON.stringify(caught.rows.map(({ id }) => id)));`]),
    );
    const pasted = await openNotebook(page, lab.address('pasted.ipynb'));
    await runAll(pasted);
    expect(await errors(pasted)).toEqual([]);
    const printed = (await pasted.cells.last().locator('.jp-OutputArea').innerText()).replace(/\s/g, '');
    const sorted = (some: number[]) => some.sort((a, b) => a - b);
    expect(sorted(JSON.parse(printed))).toEqual(sorted(ids));

    notebook = await openNotebook(page, lab.address('map.ipynb'));
    await expect.poll(status).toBe(`${ids.length} images caught`);
    const still = notebook.panel.locator('.jp-RenderedPlotly .plot-img');
    await still.waitFor();
    await still.dispatchEvent('mouseenter');
    await pointAtOne(page, chart());
    await expect.poll(() => dimmed(chart())).toBe(720 - ids.length);
    const high = (await chart().boundingBox())?.height ?? 0;
    await expect.poll(async () => (await notebook.panel.locator('.mlm').boundingBox())?.height).toBeLessThan(high + 40);
    await lasso(page, chart(), 0.99, 0.4);
    await expect.poll(status).not.toBe(`${ids.length} images caught`);
    await page.keyboard.down('Shift');
    await lasso(page, chart(), 0.99);
    await page.keyboard.up('Shift');
    await expect.poll(status).toBe('720 images caught');
    // The notebook stays as it was run.
    await save(notebook);
    expect(await readFile(file, 'utf8')).not.toContain('"selectedpoints"');

    const env = { ...server.env, ...(jupyter && { ML_PIPELINE_JUPYTER: jupyter }) };
    expect(await run('notebooks-html', [file, '--out', folder], env)).toMatchObject({ status: 0 });
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ offline: true, colorScheme, viewport: { width: 1280, height: 900 } });
      const exported = await context.newPage();
      await exported.goto(pathToFileURL(path.join(folder, 'map.html')).href);
      const drawn = exported.locator('.js-plotly-plot[data-answers]');
      await drawn.waitFor();
      await pointAtOne(exported, drawn);
      await lasso(exported, drawn, 0.3);
      await expect.poll(() => exported.locator('.mlm-status').textContent()).toBe(`${ids.length} images caught`);
      await mkdir(screenshots, { recursive: true });
      await exported.screenshot({ path: path.join(screenshots, `map-page-${colorScheme}.png`), fullPage: true });
      await context.close();
    }
  }, 300_000);
});
