import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../scripts/script.js';
import { type TestServer, testServer } from '../server.js';
import { jupyter, notebooks, parseNotebook } from '../views/execute.js';
import { hostile } from '../views/products.js';
import { launch, skipped } from './chromium.js';
import { expectDrawn, notebookOf, screenshots } from './notebook.js';

// Below the project, so that a cell can import 'ml-pipeline'; git ignores it.
const folder = path.resolve('out/browser-pages');

describe.skipIf(skipped)(`npm run notebooks:html${skipped}`, () => {
  let server: TestServer;
  let env: Record<string, string>;
  let browser: Browser;

  beforeAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    [server, browser] = await Promise.all([testServer(), launch()]);
    env = { ...server.env, ...(jupyter && { ML_PIPELINE_JUPYTER: jupyter }) };
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const convert = async (...args: string[]) => {
    expect(await run('notebooks-html', [...args, '--out', folder], env)).toMatchObject({ status: 0 });
  };

  /** Opens a page without a network, and tells what it asked for beside itself and what went wrong in it. */
  async function open(
    name: string,
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<{ page: Page; asked: string[]; wrong: string[] }> {
    const context = await browser.newContext({ offline: true, colorScheme, viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    const address = pathToFileURL(path.join(folder, name)).href;
    const asked: string[] = [];
    const wrong: string[] = [];
    page.on('request', (request) => request.url() !== address && asked.push(request.url()));
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
    await page.goto(address);
    return { page, asked, wrong };
  }

  test('each notebook becomes a page that asks nothing of a network, with its charts, images and highlighted ' +
    'code, on light and dark', async () => {
    await convert();
    await mkdir(screenshots, { recursive: true });
    const names = (await readdir(notebooks)).filter((name) => name.endsWith('.ipynb'));
    expect((await readdir(folder)).sort()).toEqual(names.map((name) => name.replace('.ipynb', '.html')).sort());
    for (const name of names) {
      const { cells } = parseNotebook(await readFile(path.join(notebooks, name), 'utf8'));
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, asked, wrong } = await open(name.replace('.ipynb', '.html'), colorScheme);
        await expectDrawn(
          page.locator('main'),
          cells.flatMap(({ outputs }) => outputs),
        );
        expect(await page.locator('.highlight .k').count()).toBeGreaterThan(0);
        const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
        expect(background).toBe(colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(17, 17, 17)');
        expect({ asked, wrong }).toEqual({ asked: [], wrong: [] });
        await page.screenshot({
          path: path.join(screenshots, `page-${name.replace('.ipynb', '')}-${colorScheme}.png`),
          fullPage: true,
        });
        await page.context().close();
      }
    }
  }, 600_000);

  test('--execute runs a notebook first and leaves it as it is; its charts answer the mouse, and a name that is a ' +
    'script stays text', async () => {
    const file = path.join(folder, 'names.ipynb');
    const source =
      `import { show } from 'ml-pipeline';\nconst rows = [{ name: ${JSON.stringify(hostile)} }, { name: ` +
      `'plain' }];\nshow.table(rows);\nshow.bar(rows, 'name');\nconsole.log(rows[0].name);`;
    const before = notebookOf([source]);
    await writeFile(file, before);
    await convert(file, '--execute');
    expect(await readFile(file, 'utf8')).toBe(before);
    const { page, asked, wrong } = await open('names.html');
    page.on('dialog', (dialog) => wrong.push(dialog.message()));
    const bars = page.locator('.barlayer path');
    await expect.poll(() => bars.count()).toBe(2);
    // Plotly's layer for the mouse lies above them.
    await bars.first().hover({ force: true });
    await page.locator('.hoverlayer .hovertext').waitFor();
    expect(await page.getByText('<script>alert("1")</script>').count()).toBeGreaterThan(2);
    expect({ asked, wrong }).toEqual({ asked: [], wrong: [] });
  }, 600_000);

  test('--execute says what a cell failed for', async () => {
    const file = path.join(folder, 'failing.ipynb');
    await writeFile(file, notebookOf(["console.log('so far');", "throw new Error('no such thing');"]));
    const { status, stderr } = await run('notebooks-html', [file, '--execute', '--out', folder], env);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^error: nbconvert makes no page of .*failing\.ipynb: Error: no such thing\n$/m),
    });
  }, 600_000);

  test('a notebook that is not there is named, with the way to use it', async () => {
    const { status, stderr } = await run('notebooks-html', ['nowhere.ipynb'], {});
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/^error: There is no notebook 'nowhere\.ipynb'\nusage: /),
    });
  });
});
