import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gridHtml } from '../../src/views/panels/grid.js';
import { tableHtml } from '../../src/views/panels/table.js';
import { picture, row } from '../views/products.js';
import { launch, skipped } from './chromium.js';

const red = await sharp({ create: { width: 60, height: 80, channels: 3, background: '#ff0000' } })
  .jpeg()
  .toBuffer();

describe.skipIf(skipped)(`an output in a browser${skipped}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  /** What a script says of a page that holds an output and nothing else. */
  async function inBrowser(output: string, script: string): Promise<unknown> {
    const page = await browser.newPage();
    await page.setContent(`<!doctype html><body>${output}`);
    const said = await page.evaluate(`(() => {${script}})()`);
    await page.close();
    return said;
  }

  test('the heads of a table sort the rows shown, up, down and back, blanks last', async () => {
    const years = [2013, null, 100, 2012, 7, 2014];
    const html = tableHtml(
      years.map((year, id) => ({ id, year })),
      { limit: 4 },
    );
    const clicked = await inBrowser(
      html,
      `
      const [, year] = document.querySelectorAll('th');
      const years = () => [...document.querySelectorAll('tbody tr')].map(({ cells }) => cells[1].textContent);
      const state = () => [year.getAttribute('aria-sort'), ...years()].join(' ');
      const states = [state()];
      for (let i = 0; i < 3; i++) { year.querySelector('button').click(); states.push(state()); }
      document.querySelector('th button').click();
      return { states, last: state().split(' ')[0], note: document.querySelector('p').textContent };`,
    );
    expect(clicked).toEqual({
      states: [
        'none 2013 null … 7 2014',
        'ascending 7 2013 2014 null …',
        'descending 2014 2013 7 null …',
        'none 2013 null … 7 2014',
      ],
      last: 'none',
      note: '6 rows x 2 columns · click a name to sort the 4 rows shown',
    });
  });

  test('the images of a table keep their size where its columns have too little room', async () => {
    const rows = [row(1), row(2)];
    const html = tableHtml(
      rows,
      {},
      new Map([
        [0, red],
        [1, red],
      ]),
    );
    const sizes = await inBrowser(
      `<div style="width:300px">${html}</div>`,
      `
      const images = [...document.querySelectorAll('img')];
      return images.map((image) => [image.complete && image.naturalWidth, image.getBoundingClientRect().width]);`,
    );
    expect(sizes).toEqual([
      [60, 36],
      [60, 36],
    ]);
  });

  test('a thumbnail opens without a script to a large image, and its neighbours move', async () => {
    const html = gridHtml([picture(1), picture(2)]);
    expect(html).not.toContain('<script');
    const widths = await inBrowser(
      html,
      `
      const width = () => [...document.querySelectorAll('img')].map((image) => image.getBoundingClientRect().width);
      const before = width();
      document.querySelector('summary').click();
      return [before, width()];`,
    );
    expect(widths).toEqual([
      [150, 150],
      [400, 150],
    ]);
  });
});
