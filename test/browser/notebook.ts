import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Output } from '../views/execute.js';

/** Screenshots of whole notebooks, to look at; git ignores them. */
export const screenshots = path.resolve('out/screenshots');

/** A notebook that is open in JupyterLab, with a kernel that is ready. */
export interface OpenNotebook {
  page: Page;
  panel: Locator;
  /** Its code cells. */
  cells: Locator;
}

/** Opens a notebook in the page, in place of the one before. */
export async function openNotebook(page: Page, address: string): Promise<OpenNotebook> {
  await page.goto(`${address}&reset`);
  const panel = page.locator('.jp-NotebookPanel');
  // Without a kernel, cells would end at once and with nothing.
  await page.locator('#jp-main-statusbar').getByText('TypeScript | Idle').waitFor();
  return { page, panel, cells: panel.locator('.jp-CodeCell') };
}

/** Clicks an entry of JupyterLab's menu. */
export async function choose(page: Page, menu: string, entry: string): Promise<void> {
  await page.getByRole('menuitem', { name: menu, exact: true }).click();
  await page.getByRole('menuitem', { name: entry, exact: true }).click();
}

/** Runs all cells and waits for the end of the last one; an error in any ends them all. */
export async function runAll(notebook: OpenNotebook): Promise<void> {
  await choose(notebook.page, 'Edit', 'Clear Outputs of All Cells');
  await choose(notebook.page, 'Run', 'Run All Cells');
  const ended = async () => (await errors(notebook)).length > 0 || hasRun((await prompts(notebook)).at(-1));
  await expect.poll(ended, { timeout: 240_000 }).toBe(true);
}

/** Saves the notebook and waits until that is done. */
export async function save({ page }: OpenNotebook): Promise<void> {
  await page.keyboard.press('Control+s');
  await page.locator('.lm-TabBar-tab.jp-mod-current.jp-mod-dirty').waitFor({ state: 'detached' });
}

/** `[3]:` of a cell that has run, `[*]:` of one that runs or will, `[ ]:` of one that has not. */
export const prompts = ({ cells }: OpenNotebook): Promise<string[]> =>
  cells.locator('.jp-InputPrompt').allTextContents();
export const hasRun = (prompt = ''): boolean => /^\[\d+\]:$/.test(prompt);

/** What a person would see in red. */
export const errors = ({ panel }: OpenNotebook): Promise<string[]> =>
  panel
    .locator('[data-mime-type="application/vnd.jupyter.stderr"], [data-mime-type="application/vnd.jupyter.error"]')
    .allTextContents();

/** The progress lines: how many items are done, of how many. */
export async function progressLines({ panel }: OpenNotebook): Promise<{ line: string; done: string; total: string }[]> {
  const texts = await panel.locator('.jp-OutputArea-output', { hasText: /[█░]{20}/ }).allInnerTexts();
  return [...texts.join('\n').matchAll(/^\w+ +[█░]{20} +([\d,]+)\/([\d,]+) \w+/gm)].map(
    ([line, done = '', total = '']) => ({ line, done, total }),
  );
}

const isChart = ({ data }: Output): boolean => data?.['application/vnd.plotly.v1+json'] !== undefined;

/** Expects every chart of some outputs to be drawn, with marks, and every image to be decoded. */
export async function expectDrawn(root: Locator, outputs: readonly Output[]): Promise<void> {
  const charts = outputs.filter(isChart).length;
  const images = outputs.flatMap(
    (output) =>
      output.data?.['text/html']?.match(/<img /g) ?? (output.data?.['image/png'] && !isChart(output) ? ['png'] : []),
  ).length;
  // Bars and points are paths, the cells of a heatmap an image.
  const marks = '.barlayer path, .scatterlayer path, .heatmaplayer image';
  await expect.poll(() => root.locator('.js-plotly-plot', { has: root.page().locator(marks) }).count()).toBe(charts);
  const widths = () =>
    root
      .locator('img:not(.plot-img)')
      .evaluateAll((all: { naturalWidth: number }[]) => all.map(({ naturalWidth }) => naturalWidth));
  await expect.poll(widths).toHaveLength(images);
  expect(Math.min(Infinity, ...(await widths()))).toBeGreaterThan(0);
}

/** Points at each chart of some outputs: of a saved one the renderer shows the picture that it has saved, till then. */
export async function pointAtCharts({ panel }: OpenNotebook, outputs: readonly Output[]): Promise<void> {
  const stills = panel.locator('.jp-RenderedPlotly .plot-img');
  await expect.poll(() => stills.count()).toBe(outputs.filter(isChart).length);
  // A mouse that is there already takes one's place before Playwright can move to it.
  for (const still of await stills.all()) await still.dispatchEvent('mouseenter');
}

/** Pictures of the whole notebook, from its first cell to its last, on a light page and on a dark one. */
export async function screenshot({ page, panel }: OpenNotebook, name: string): Promise<void> {
  await mkdir(screenshots, { recursive: true });
  const before = page.viewportSize();
  const height = await panel
    .locator('.jp-WindowedPanel-viewport')
    .evaluate((cells: { scrollHeight: number }) => cells.scrollHeight);
  await page.setViewportSize({ width: before?.width ?? 1280, height: height + 160 });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`body[data-jp-theme-light=${colorScheme === 'light'}]`).waitFor({ state: 'attached' });
    await panel.locator('.jp-Cell').first().scrollIntoViewIfNeeded();
    await panel.screenshot({ path: path.join(screenshots, `${name}-${colorScheme}.png`) });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  if (before) await page.setViewportSize(before);
}

/** A notebook that has not run, as JSON. */
export function notebookOf(sources: readonly string[]): string {
  const cells = sources.map((source, i) => ({
    cell_type: 'code',
    id: `cell-${i}`,
    metadata: {},
    source,
    outputs: [],
    execution_count: null,
  }));
  const kernelspec = { name: 'tslab', display_name: 'TypeScript', language: 'typescript' };
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells });
}
