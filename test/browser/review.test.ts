import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fashion, parseCorrections } from '../../src/catalogue/index.js';
import { imagePage } from '../../src/views/pages/page.js';
import type { Reviewable } from '../../src/views/panels/proposals.js';
import { type ReviewOptions, reviewHtml } from '../../src/views/panels/review.js';
import { type TestServer, testServer } from '../server.js';
import { hostile } from '../views/products.js';
import { launch, skipped, skippedBrowser } from './chromium.js';
import { type Lab, startLab } from './lab.js';
import { notebookOf, openNotebook, runAll, save, screenshot } from './notebook.js';

const folder = path.resolve('out/browser-review');
const red = await sharp({ create: { width: 60, height: 80, channels: 3, background: '#ff0000' } })
  .jpeg()
  .toBuffer();

const rows = Array.from({ length: 6 }, (_, i) => ({
  id: i + 1,
  season: i === 5 ? null : 'Summer',
  year: 2012,
  productDisplayName: i === 0 ? hostile : `Shoe ${i + 1}`,
}));
const proposal = (i: number, predicted = 'Fall') => ({
  item: rows[i] ?? { id: 0 },
  attribute: 'season',
  predicted,
  confidence: 0.9,
});
const proposals = [0, 1, 2, 3, 4, 5].map((i) => proposal(i));

describe.skipIf(skippedBrowser)(`a review in a page of its own${skippedBrowser}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    browser = await launch();
  });
  afterAll(() => browser?.close());

  /** Opens a review as a file, without a network. */
  async function open(name: string, reviewable: Reviewable<{ id: number }>, options?: ReviewOptions) {
    const items = (reviewable as readonly { item: { id: number } }[]).map(({ item }) => item);
    const images = new Map(items.map((item) => [item, red]));
    const file = path.join(folder, `${name}.html`);
    await writeFile(file, imagePage('Review', 'Some shoes', reviewHtml(reviewable, images, options)));
    const context = await browser.newContext({ offline: true, acceptDownloads: true });
    const page = await context.newPage();
    const wrong: string[] = [];
    const address = pathToFileURL(file).href;
    page.on('request', (request) => !/^(blob:|data:|file:)/.test(request.url()) && wrong.push(request.url()));
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('dialog', (dialog) => wrong.push(dialog.message()));
    await page.goto(address);
    return { page, wrong };
  }

  const press = async (page: Page, ...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const status = (page: Page) => page.locator('.mlr-status').textContent();
  const cell = (page: Page) => page.locator('.mlr-cell').textContent();
  const focused = (page: Page) => page.evaluate<string>(`document.activeElement.getAttribute('aria-label')`);

  test('is decided with the keyboard alone, outlasts a reload, and gives a cell and a file', async () => {
    const { page, wrong } = await open('keys', proposals, { table: 'Hats', schema: fashion });
    expect(await status(page)).toBe('6 of 6 left · 0 to change · 0 left out');
    // Tab leads through the tools to the first card.
    await press(page, 'Tab', 'Tab', 'Tab', 'Tab');
    expect(await focused(page)).toMatch(/^1 of 6: .*; season is Summer, proposed Fall, 90% sure$/);
    await press(page, 'k', 'a', 'x', 'l');
    await page.keyboard.type('Winter');
    await press(page, 'Enter');
    expect(await status(page)).toBe('2 of 6 left · 2 to change · 1 left out');
    expect(await focused(page)).toMatch(/^5 of 6/);
    await press(page, 'a', 'u', 'ArrowRight', 'a');
    expect(await status(page)).toBe('1 of 6 left · 3 to change · 1 left out');
    const decided =
      'await catalogue.update(\n  [\n' +
      "    { id: 2, season: 'Fall', was: { season: 'Summer' } },\n" +
      "    { id: 4, season: 'Winter', was: { season: 'Summer' } },\n" +
      "    { id: 6, season: 'Fall', was: { season: null } },\n" +
      "  ],\n  { reason: 'reviewed by pictures' },\n);\nconst out = [{ id: 3 }]; // for .without(out) of a data set\n";
    expect(await cell(page)).toBe(decided);
    await page.reload();
    expect(await status(page)).toBe('1 of 6 left · 3 to change · 1 left out');
    expect(await cell(page)).toBe(decided);
    expect(await page.locator('.mlr-card').nth(3).locator('.mlr-said').textContent()).toBe(
      'to be Winter (a new label)',
    );
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('corrections.json');
    const text = await readFile(await download.path(), 'utf8');
    expect(parseCorrections(text, fashion, 'Hats')).toMatchObject({
      changes: [
        { id: 2, season: 'Fall', was: { season: 'Summer' } },
        { id: 4, season: 'Winter', was: { season: 'Summer' } },
        { id: 6, season: 'Fall', was: { season: null } },
      ],
      leftOut: [3],
      reason: 'reviewed by pictures',
    });
    // Undo goes on after a reload, back to nothing.
    for (let i = 0; i < 8; i++) await page.getByRole('button', { name: 'Undo' }).click();
    expect(await status(page)).toBe('6 of 6 left · 0 to change · 0 left out');
    expect(wrong).toEqual([]);
    await page.context().close();
  });

  test('is decided with the mouse, and its cell is copied', async () => {
    const { page, wrong } = await open('mouse', proposals.slice(0, 3));
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const card = (i: number) => page.locator('.mlr-card').nth(i);
    await card(1).getByRole('button', { name: 'Accept' }).click();
    await card(0).getByRole('button', { name: 'Leave out' }).click();
    await card(2).getByRole('button', { name: 'Other' }).click();
    await card(2).locator('input').fill('Spring');
    await card(2).locator('input').press('Escape');
    expect(await status(page)).toBe('1 of 3 left · 1 to change · 1 left out');
    expect(await card(1).getAttribute('data-decision')).toBe('accept');
    await page.getByRole('button', { name: 'Copy as a cell' }).click();
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(await cell(page));
    expect(await cell(page)).toMatch(/id: 2, season: 'Fall'[\s\S]*const out = \[\{ id: 1 \}\];/);
    expect(wrong).toEqual([]);
    await page.context().close();
  });

  test('values have the types of their fields, and several labels of one field become one change', async () => {
    const item = { id: 7, year: 2011, tags: ['new', 'red'] };
    const { page, wrong } = await open('types', [
      { item, attribute: 'year', predicted: '2012' },
      { item, attribute: 'tags: red', predicted: 'no' },
      { item, attribute: 'tags: sale', predicted: 'yes' },
    ]);
    await page.locator('.mlr-card').first().focus();
    await press(page, 'a', 'a', 'a');
    expect(await status(page)).toBe('All done: 1 to change, 0 left out');
    expect(await cell(page)).toContain(
      "{ id: 7, year: 2012, tags: ['new', 'sale'], was: { year: 2011, tags: ['new', 'red'] } },",
    );
    expect(wrong).toEqual([]);
    await page.context().close();
  });

  test('of 500 images answers at once', async () => {
    const many = Array.from({ length: 500 }, (_, id) => ({
      item: { id: id + 1, season: 'Summer' },
      attribute: 'season',
      predicted: 'Fall',
    }));
    const started = performance.now();
    const { page } = await open('many', many);
    expect(await status(page)).toContain('500 of 500 left');
    const loaded = performance.now() - started;
    await page.locator('.mlr-card').first().focus();
    const took = await page.evaluate<number>(`(() => {
      const started = performance.now();
      for (let i = 0; i < 100; i++)
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true }));
      return performance.now() - started;
    })()`);
    expect(await status(page)).toBe('400 of 500 left · 100 to change · 0 left out');
    console.log(`500 cards: there in ${loaded.toFixed(0)} ms, ${(took / 100).toFixed(1)} ms a decision`);
    expect(took / 100).toBeLessThan(100);
    await page.context().close();
  });
});

describe.skipIf(skipped)(`a review in JupyterLab${skipped}`, () => {
  let server: TestServer;
  let lab: Lab;
  let browser: Browser;
  beforeAll(async () => {
    server = await testServer();
    [lab, browser] = await Promise.all([startLab(server), launch()]);
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.close();
    await server?.close();
  });

  test('takes its keys, and not the cell; what was decided is there when the notebook is opened again', async () => {
    const code = [
      "import { show } from 'ml-pipeline';",
      `const rows = ${JSON.stringify(rows)};`,
      "const proposals = rows.map((item) => ({ item, attribute: 'season', predicted: 'Fall', confidence: 0.9 }));",
      `const image = Uint8Array.from(Buffer.from('${red.toString('base64')}', 'base64'));`,
      'await show.review(proposals, () => image);',
    ].join('\n');
    await writeFile(path.join(lab.folder, 'review.ipynb'), notebookOf([code, '// the last one']));
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(60_000);
    let notebook = await openNotebook(page, lab.address('review.ipynb'));
    await runAll(notebook);
    const status = () => notebook.panel.locator('.mlr-status').textContent();
    await expect.poll(status).toBe('6 of 6 left · 0 to change · 0 left out');
    await notebook.panel
      .locator('.mlr-card')
      .first()
      .click({ position: { x: 4, y: 4 } });
    for (const key of ['k', 'a', 'x', 'l', 'Escape', 'a', 'u', 'b', 'd', 'd', 'a']) await page.keyboard.press(key);
    expect(await status()).toBe('2 of 6 left · 2 to change · 1 left out');
    expect(await notebook.cells.count()).toBe(2);
    await screenshot(notebook, 'review');
    await save(notebook);
    notebook = await openNotebook(page, lab.address('review.ipynb'));
    await expect.poll(status).toBe('2 of 6 left · 2 to change · 1 left out');
  }, 300_000);
});
