import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients } from '../../src/aws/clients.js';
import { seedCatalogue } from '../../src/catalogue/index.js';
import { queries } from '../../src/pipeline/index.js';
import { sampleSource } from '../../src/sample/index.js';
import { startWorker } from '../pipeline/queue/setup.js';
import type { Running } from '../scripts/script.js';
import { type TestServer, testServer } from '../server.js';
import { notebooks, parseNotebook } from '../views/execute.js';
import { launch, skipped } from './chromium.js';
import { type Lab, startLab } from './lab.js';
import {
  errors,
  expectDrawn,
  hasRun,
  notebookOf,
  openNotebook,
  pointAtCharts,
  progressLines,
  prompts,
  runAll,
  save,
  screenshot,
  screenshots,
} from './notebook.js';

const names = readdirSync(notebooks)
  .filter((name) => name.endsWith('.ipynb'))
  .sort();

describe.skipIf(skipped)(`JupyterLab in a browser${skipped}`, () => {
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
    page.setDefaultTimeout(120_000);
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.close();
    worker?.kill();
    await worker?.outcome;
    await server?.close();
  });

  const outputsIn = (name: string) =>
    parseNotebook(readFileSync(path.join(lab.folder, name), 'utf8')).cells.flatMap(({ outputs }) => outputs);

  test.each(names)(
    '%s shows its charts and images as committed, runs to its end, and shows what came out, opened again as well',
    async (name) => {
      const notebook = await openNotebook(page, lab.address(name));
      await expectDrawn(notebook.panel, outputsIn(name));
      await runAll(notebook);
      expect(await errors(notebook)).toEqual([]);
      expect(await prompts(notebook)).toEqual(
        Array.from({ length: await notebook.cells.count() }, (_, i) => `[${i + 1}]:`),
      );
      const lines = await progressLines(notebook);
      expect(lines.length).toBeGreaterThan(0);
      // The job that fails on purpose is the only one that comes to no end.
      expect(lines.filter(({ done, total }) => done !== total).map(({ line }) => line)).toEqual(
        name.startsWith('4') ? [expect.stringMatching(/^infer/)] : [],
      );
      await save(notebook);
      const outputs = outputsIn(name);
      await expectDrawn(notebook.panel, outputs);
      await screenshot(notebook, path.basename(name, '.ipynb'));
      const again = await openNotebook(page, lab.address(name));
      await pointAtCharts(again, outputs);
      await expectDrawn(again.panel, outputs);
    },
    600_000,
  );

  test('in a cell, completion lists the queries and documents them, a hover does, an interrupt ends a run and ' +
    'leaves the kernel alive', async () => {
    writeFileSync(
      path.join(lab.folder, 'scratch.ipynb'),
      notebookOf([
        "import { connect, queries, resize } from 'ml-pipeline';\nconst { pipeline } = await " +
          'connect();\nconst shoes = await pipeline.run(queries.maleShoesFrom2012);',
        '',
        'await pipeline.augment(shoes, [resize(400, 500)], { variants: 1000 });',
        '6 * 7',
      ]),
    );
    const notebook = await openNotebook(page, lab.address('scratch.ipynb'));
    const edit = (cell: number) => notebook.cells.nth(cell).locator('.cm-content').click();
    const ended = (cell: number, poll = {}) =>
      expect.poll(async () => hasRun((await prompts(notebook))[cell]), poll).toBe(true);
    await edit(0);
    await page.keyboard.press('Control+Enter');
    await ended(0);

    await edit(1);
    await page.keyboard.type('queries.');
    await page.keyboard.press('Tab');
    const completions = page.locator('.jp-Completer-item');
    await completions.first().waitFor();
    expect((await completions.allInnerTexts()).sort()).toEqual(Object.keys(queries).sort());
    const documentation = page.locator('.jp-Completer-docpanel');
    await expect.poll(() => documentation.innerText(), { timeout: 10_000 }).toMatch(/men's shoes after 2012/i);
    await page.screenshot({ path: path.join(screenshots, 'completion.png') });
    await completions.getByText('maleShoesFrom2012', { exact: true }).click();
    await page.keyboard.press('Shift+Tab');
    const hover = page.locator('.jp-Tooltip');
    await hover.waitFor();
    expect(await hover.innerText()).toMatch(/men's shoes after 2012/i);
    await page.keyboard.press('Escape');

    await edit(2);
    await page.keyboard.press('Control+Enter');
    const running = notebook.cells.nth(2);
    await running.locator('.jp-OutputArea-output', { hasText: '/63,000 images' }).waitFor();
    await notebook.panel.getByRole('button', { name: 'Interrupt the kernel' }).click();
    await ended(2, { timeout: 15_000 });
    expect((await errors(notebook)).join('\n')).toMatch(
      new RegExp(
        String.raw`^PipelineError \[cell\.interrupted\]: Stopped after [\d,]+ of 63,000 images \(augment\)\. ` +
          String.raw`Run the cell again[^\n]*\n$`,
      ),
    );
    await page.screenshot({ path: path.join(screenshots, 'interrupt.png') });

    await edit(3);
    // For 200 ms after a failure the kernel cancels what it is sent, so that "Run All" ends there: then it is sent once
    // more.
    await expect
      .poll(async () => {
        const prompt = (await prompts(notebook))[3];
        if (prompt === '[ ]:') await page.keyboard.press('Control+Enter');
        return hasRun(prompt);
      })
      .toBe(true);
    expect(await notebook.cells.nth(3).locator('.jp-OutputArea-output').innerText()).toBe('42\n');
  }, 600_000);
});
