import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients } from '../../src/aws/clients.js';
import { seedCatalogue } from '../../src/catalogue/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { startWorker } from '../pipeline/queue/setup.js';
import type { Running } from '../scripts/script.js';
import { type TestServer, testServer } from '../server.js';
import { launch, skipped } from './chromium.js';
import { type Lab, startLab } from './lab.js';
import { errors, hasRun, notebookOf, type OpenNotebook, openNotebook, prompts, screenshot } from './notebook.js';

describe.skipIf(skipped)(`what a person types into an empty notebook${skipped}`, () => {
  let server: TestServer;
  let worker: Running;
  let lab: Lab;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = await testServer();
    const aws = clients({ env: server.env });
    await seedCatalogue(aws, sampleSource());
    aws.close();
    [worker, lab, browser] = await Promise.all([startWorker(server.env), startLab(server), launch()]);
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(60_000);
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.close();
    worker?.kill();
    await worker?.outcome;
    await server?.close();
  });

  async function openEmpty(name: string): Promise<OpenNotebook> {
    writeFileSync(path.join(lab.folder, name), notebookOf(['']));
    const notebook = await openNotebook(page, lab.address(name));
    await notebook.cells.first().locator('.cm-content').click();
    return notebook;
  }

  /** Types a cell, runs it, and returns what it shows: its text, and how many images and charts. */
  async function type(notebook: OpenNotebook, code: string): Promise<{ text: string; images: number; charts: number }> {
    const cell = (await notebook.cells.count()) - 1;
    await page.keyboard.type(code);
    await page.keyboard.press('Shift+Enter');
    await expect.poll(async () => hasRun((await prompts(notebook))[cell]), { timeout: 120_000 }).toBe(true);
    expect(await errors(notebook)).toEqual([]);
    const output = notebook.cells.nth(cell).locator('.jp-OutputArea');
    await expect.poll(() => notebook.cells.count()).toBeGreaterThan(cell + 1);
    return {
      text: (await output.allInnerTexts()).join('\n').replace(/\s+/g, ' '),
      images: await output.locator('img').count(),
      charts: await output.locator('.jp-RenderedPlotly').count(),
    };
  }

  const begin =
    'import { barFigure, connect, evaluate, loadModel, nearDuplicates, queries, show, suspectLabels } ' +
    "from 'ml-pipeline'; " +
    'const { catalogue, pipeline } = await connect(); const shoes = await pipeline.run(queries.maleShoesFrom2012);';

  test('shows itself: data sets, tables, rows, pictures, queries, plans, finds, jobs, charts', async () => {
    const notebook = await openEmpty('last.ipynb');
    const shown: [code: string, text: RegExp, images?: number, charts?: number][] = [
      [begin, /63\/63 images/],
      ['shoes', /63 rows, 63 images .*63 rows x 11 columns/, 8],
      ["shoes.metadata.groupby('season').count()", /season.* count .*rows x 2 columns/],
      ["shoes.metadata.groupby('season')", /Grouped by season: \d groups\./],
      ['[{ images: 44441, year: 2012 }]', /44,441 2012/],
      ['await shoes.sample(2)', /Men/, 2],
      ['(await shoes.sample(1))[0]', /Men/, 1],
      ["catalogue.query({ gender: 'Men', year: 2013 })", /10 rows.*The first 10 products, for [\d.]+ read units/],
      ["catalogue.explain({ subCategory: 'Shoes' })", /✓ index bySubCategory/],
      [
        'const model = await loadModel(); const scored = await pipeline.score(shoes, model); evaluate(scored)',
        /attribute.*accuracy.*gender.*usage.*7 rows x 8 columns/,
      ],
      ['suspectLabels(scored, { limit: 3 })', /id .*attribute.*predicted.*confidence.*3 rows/],
      ['nearDuplicates(scored, { minSimilarity: 0.9 })', /ids .*lowest.*highest/],
      ["barFigure(shoes, 'season')", /season \(63 rows\)/, 0, 1],
      ["pipeline.run(queries.unisexHeelsCasual2011, { mode: 'queue' })", /job .*unisexHeelsCasual2011 .*\d+ products/],
    ];
    for (const [code, text, images = 0, charts = 0] of shown) {
      const found = await type(notebook, code);
      expect(found.text, code).toMatch(text);
      if (charts === 0) expect(found.images, code).toBe(images);
      expect(found.charts, code).toBe(charts);
    }
    await screenshot(notebook, 'last');
  }, 600_000);

  test('is looked at in one word, page by page, in charts whose buttons and labels cover nothing', async () => {
    const notebook = await openEmpty('looking.ipynb');
    await type(notebook, begin);
    const grid = await type(notebook, 'show.grid(shoes, { limit: 4, page: 2 })');
    expect(grid).toMatchObject({ images: 4, text: expect.stringMatching(/5 to 8 of 63 images; \{ page: 3 \}/) });
    const predictions = await type(
      notebook,
      'const model = await loadModel(); show.predictions(await pipeline.infer(shoes, model), { limit: 4 })',
    );
    expect(predictions).toMatchObject({
      images: 4,
      text: expect.stringMatching(/gender \d of 4 right.* 1 to 4 of 63/),
    });
    const lefts = await notebook.cells
      .nth(2)
      .locator('.jp-RenderedHTMLCommon img')
      .evaluateAll((all: { getBoundingClientRect(): { left: number } }[]) =>
        all.map((image) => Math.round(image.getBoundingClientRect().left / 50)),
      );
    expect(new Set(lefts).size, 'cards side by side').toBeGreaterThan(1);

    const dear = 'const dear = shoes.rows.map((row) => ({ ...row, price: 1000 + (Number(row.id) * 7919) % 23000 }));';
    await type(
      notebook,
      `${dear} show.histogram(dear, 'price'); show.histogram(dear, 'year', { colour: 'season' }); ` +
        "const title = 'Prices of shoes for men by the year in which they came'; " +
        "show.scatter(dear, 'year', 'price', { colour: 'season', title });",
    );
    const charts = notebook.cells.nth(3).locator('.js-plotly-plot');
    await expect.poll(() => charts.count()).toBe(3);
    for (const chart of await charts.all()) {
      await chart.scrollIntoViewIfNeeded();
      await chart.locator('.draglayer .nsewdrag').first().hover({ force: true });
      const bar = await chart.locator('.modebar-group').first().boundingBox();
      const title = await chart.locator('.gtitle').boundingBox();
      expect(bar, 'buttons while the pointer is on the chart').not.toBeNull();
      expect((title?.x ?? 0) + (title?.width ?? 0)).toBeLessThanOrEqual(bar?.x ?? 0);
      const labels = await chart.locator('.xtick text').all();
      expect(labels.length).toBeGreaterThan(1);
      let right = -Infinity;
      for (const label of labels) {
        expect((await label.getAttribute('transform')) ?? '').not.toMatch(/rotate\((?!0)/);
        const box = await label.boundingBox();
        expect(box?.x, await label.innerHTML()).toBeGreaterThan(right);
        right = (box?.x ?? 0) + (box?.width ?? 0);
      }
      // Stacked bars are as wide as the chart, whatever their labels look like.
      for (const bars of await chart.locator('.barlayer').all())
        expect((await bars.boundingBox())?.width).toBeGreaterThan(300);
    }
    await screenshot(notebook, 'looking');
    await page.setViewportSize({ width: 370, height: 900 });
    await screenshot(notebook, 'looking-370');
    await page.setViewportSize({ width: 1280, height: 900 });
  }, 600_000);
});
