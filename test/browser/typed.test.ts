import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients } from '../../src/aws/clients.js';
import { seedCatalogue } from '../../src/catalogue/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { type TestServer, testServer } from '../server.js';
import { launch, skipped } from './chromium.js';
import { type Lab, startLab } from './lab.js';
import { hasRun, notebookOf, type OpenNotebook, openNotebook, prompts, screenshot, screenshots } from './notebook.js';

describe.skipIf(skipped)(`an empty notebook in JupyterLab, typed key by key${skipped}`, () => {
  let server: TestServer;
  let lab: Lab;
  let browser: Browser;
  let page: Page;
  let notebook: OpenNotebook;

  beforeAll(async () => {
    server = await testServer();
    const aws = clients({ env: server.env });
    await seedCatalogue(aws, sampleSource({ products: 200 }));
    aws.close();
    [lab, browser] = await Promise.all([startLab(server), launch()]);
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(60_000);
    await mkdir(screenshots, { recursive: true });
    await writeFile(path.join(lab.folder, 'empty.ipynb'), notebookOf(['']));
    notebook = await openNotebook(page, lab.address('empty.ipynb'));
    await run("import { connect, show } from 'ml-pipeline';\nconst { catalogue, pipeline } = await connect();");
    const { said } = await run(
      "const jackets = await pipeline.run({ where: { gender: 'Women' }, folder: 'jackets' });",
    );
    expect(said).toMatch(/copy .* images/);
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await lab?.close();
    await server?.close();
  });

  const last = () => notebook.cells.last();
  const picture = (name: string) => page.screenshot({ path: path.join(screenshots, `typed-${name}.png`) });

  /** Types into the last cell, where JupyterLab closes brackets and a line's indentation by itself. */
  async function type(code: string): Promise<void> {
    await last().locator('.cm-content').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type(code);
  }

  /** Puts code into the last cell, runs it in a new one's stead, and tells what it shows. */
  async function run(code: string, { stopAt }: { stopAt?: RegExp } = {}): Promise<{ said: string; cell: number }> {
    const cell = (await notebook.cells.count()) - 1;
    await last().locator('.cm-content').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(code);
    await page.keyboard.press('Shift+Enter');
    const ran = notebook.cells.nth(cell);
    let stopped = !stopAt;
    for (let prompt = ''; !hasRun(prompt); [prompt = ''] = (await prompts(notebook)).slice(cell)) {
      // What the kernel is sent in the 200 ms after a failure it takes for the rest of "Run All Cells".
      if (prompt === '[ ]:') await ran.locator('.cm-content').press('Control+Enter');
      if (!stopped && stopAt?.test(await saidBy(cell))) {
        await notebook.panel.getByRole('button', { name: 'Interrupt the kernel' }).click();
        stopped = true;
      }
      await page.waitForTimeout(50);
    }
    return { said: await saidBy(cell), cell };
  }

  const saidBy = async (cell: number) =>
    (await notebook.cells.nth(cell).locator('.jp-OutputArea-output').allInnerTexts()).join('\n');

  test('Shift+Tab within the parentheses shows the function, wherever in them the cursor is', async () => {
    const tooltip = page.locator('.jp-Tooltip');
    for (const code of ['show.table(', 'show.table(jackets, ', 'show.grid(jackets, { limit: 3']) {
      await type(code);
      await page.keyboard.press('Shift+Tab');
      await tooltip.waitFor();
      expect(await tooltip.innerText()).toMatch(/(table|grid)\(rows: Tabular[\s\S]+Options:[\s\S]+limit: number/);
      await picture(`help-${code.length}`);
      await page.keyboard.press('Escape');
      await tooltip.waitFor({ state: 'detached' });
    }
  });

  test('Tab in an argument offers its options and nothing else', async () => {
    await type('show.table(jackets, { ');
    await page.keyboard.press('Tab');
    const offered = page.locator('.jp-Completer-item');
    await offered.first().waitFor();
    expect((await offered.locator('.jp-Completer-match').allInnerTexts()).sort()).toEqual(['images', 'limit', 'page']);
    await picture('options');
    await page.keyboard.press('Escape');
  });

  test('what is wrong is said in a line, with the line of the cell', async () => {
    expect((await run('const chain = [\n  randomCrop(50, 70),\n];')).said).toBe(
      "line 2: Cannot find name 'randomCrop'. Add: import { randomCrop } from 'ml-pipeline';\n",
    );
    await run('function seasonOf(n: number) {\n  return jackets.rows[n].season;\n}');
    const { said } = await run('for (const n of [1, 9999]) {\n  seasonOf(n);\n}');
    expect(said).toMatch(/^TypeError: .*\n {4}at cell \[\d+\], line 2: return .*\n {4}at line 2: seasonOf\(n\);\n$/);
  });

  test('the stop button ends a loop over rows, and the next cell hears nothing of it', async () => {
    const pause = 'await new Promise((done) => setTimeout(done, 700));';
    const loop = `for await (const { id } of show.progress(jackets.rows)) {\n  ${pause}\n  console.log('seen', id);\n}`;
    const { cell } = await run(loop, { stopAt: /seen/ });
    expect((await run(`${pause}\n6 * 7`)).said).toBe('42\n');
    expect(await saidBy(cell)).toMatch(/Stopped/);
  });

  test('the last expression of a cell shows itself', async () => {
    const shown: [code: string, text: RegExp][] = [
      ['jackets', /jackets.*rows.*images[\s\S]*productDisplayName/],
      ["jackets.metadata.filter((d) => d.season === 'Winter')", /rows x 11 columns/],
      ["jackets.metadata.groupby('season').count()", /5 rows x 2 columns/],
      ['await jackets.sample(3)', /\d/],
      ["catalogue.query({ gender: 'Men' })", /The first 10 products, for/],
      ["await catalogue.explain({ gender: 'Men' })", /scan|index/],
    ];
    for (const [code, text] of shown) expect((await run(code)).said, code).toMatch(text);
    await screenshot(notebook, 'typed');
    // Without the splash of a change of theme, and the list of files, which would be all that fits.
    await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+b');
    await page.setViewportSize({ width: 370, height: 3600 });
    await notebook.panel.screenshot({ path: path.join(screenshots, 'typed-370.png') });
  });
});
