import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { gridHtml } from '../../src/notebook/grid.js';
import { tableHtml } from '../../src/notebook/table.js';
import { picture, row } from './products.js';

const chromium = [process.env['ML_PIPELINE_CHROMIUM'] ?? '/usr/bin/chromium'].find((file) => existsSync(file));
const reason = chromium ? '' : ' (skipped, no Chromium: install Debian’s, or name one in ML_PIPELINE_CHROMIUM)';
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

const red = await sharp({ create: { width: 60, height: 80, channels: 3, background: '#ff0000' } }).jpeg().toBuffer();

/** What a script says of a page that holds an output and nothing else. */
async function inBrowser(output: string, script: string): Promise<unknown> {
  const folder = await mkdtemp(path.join(tmpdir(), 'page-'));
  try {
    const file = path.join(folder, 'page.html');
    await writeFile(file, `<!doctype html><meta charset="utf-8"><body>${output}<script>addEventListener('load', () => { document.body.textContent = 'told ' + JSON.stringify((() => {${script}})()); });</script>`);
    const { stdout } = await promisify(execFile)(chromium ?? '', [...flags, `--user-data-dir=${folder}/profile`, '--dump-dom', `file://${file}`]);
    return JSON.parse(/told ([^<]*)</.exec(stdout)?.[1] ?? 'null');
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

describe.skipIf(!chromium)(`in a browser${reason}`, () => {
  test('the heads of a table sort the rows shown, up, down and back, blanks last', async () => {
    const years = [2013, null, 100, 2012, 7, 2014];
    const html = tableHtml(years.map((year, id) => ({ id, year })), { rows: 4 });
    const clicked = await inBrowser(html, `
      const [, year] = document.querySelectorAll('th');
      const state = () => [year.getAttribute('aria-sort'), ...[...document.querySelectorAll('tbody tr')].map(({ cells }) => cells[1].textContent)].join(' ');
      const states = [state()];
      for (let i = 0; i < 3; i++) { year.querySelector('button').click(); states.push(state()); }
      document.querySelector('th button').click();
      return { states, then: state().split(' ')[0], note: document.querySelector('p').textContent };`);
    expect(clicked).toEqual({
      states: ['none 2013 null … 7 2014', 'ascending 7 2013 2014 null …', 'descending 2014 2013 7 null …', 'none 2013 null … 7 2014'],
      then: 'none',
      note: '6 rows x 2 columns · click a name to sort the 4 rows shown',
    });
  });

  test('the images of a table keep their size where its columns have too little room', async () => {
    const rows = [row(1), row(2)];
    const html = tableHtml(rows, {}, new Map([[0, red], [1, red]]));
    const sizes = await inBrowser(`<div style="width:300px">${html}</div>`, `
      return [...document.querySelectorAll('img')].map((image) => [image.complete && image.naturalWidth, image.getBoundingClientRect().width]);`);
    expect(sizes).toEqual([[60, 36], [60, 36]]);
  });

  test('a thumbnail opens without a script to a large image, and its neighbours move', async () => {
    const html = gridHtml([picture(1), picture(2)]);
    expect(html).not.toContain('<script');
    const widths = await inBrowser(html, `
      const width = () => [...document.querySelectorAll('img')].map((image) => image.getBoundingClientRect().width);
      const before = width();
      document.querySelector('summary').click();
      return [before, width()];`);
    expect(widths).toEqual([[150, 150], [400, 150]]);
  });
});
