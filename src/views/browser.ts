import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { packageRoot } from '../package-root.js';
import { Html, html } from './html.js';

/**
 * A script of the folder `browser` as an element of a page, after those that it needs. Where outputs may not run
 * scripts (a notebook opened but not run here), the page works without it.
 */
const script = (...names: readonly string[]): Html => {
  const text = names
    .map((name) => readFileSync(new URL(`dist/views/browser/${name}.js`, packageRoot), 'utf8'))
    .join('\n');
  // Comments and indentation would be repeated in every output.
  const code = text
    .replace(/\/\*\*[\s\S]*?\*\/|^ *\/\/.*/gm, '')
    .replace(/\n\s+/g, '\n')
    .trim();
  // A block: two scripts of a page may have the same names.
  return html`<script>${new Html(`{\n${code}\n}`)}</script>`;
};

/** Makes the heads of the table beside it sort its rows; `browser/sort-table.js` says what has to be around it. */
export const sortTable = (): Html => script('sort-table');

/** Makes a review answer keys and buttons; `browser/review.js` says what has to be around it. */
export const reviewScript = (): Html => script('cell', 'review');

/** Makes a map answer the mouse; `browser/map.js` says what has to be around it. */
export const mapScript = (): Html => script('cell', 'map');

/**
 * Makes the charts of a page interactive; it goes to the end of the page. It brings plotly.js itself, some 3 MB. A
 * chart is an element of the class `chart` with its figure as JSON in a script element, and until the script has run
 * with a still picture.
 *
 * @example
 * import { Html, html } from './html.js';
 * const figure = barFigure([{ season: 'Fall' }], 'season');
 * const json = scriptJson(figure);
 * const still = new Html(figureSvg(figure));
 * html`<div class="chart">${still}<script type="application/json">${json}</script></div>${drawCharts()}`;
 */
export const drawCharts = (): Html => html`<script type="application/gzip" id="plotly">${plotly()}</script>
${script('draw-charts')}`;

/** JSON for a script element, which no `</script>` in a value can end. */
export const scriptJson = (value: unknown): Html => new Html(JSON.stringify(value).replace(/</g, '\\u003c'));

/** The library gzipped (10 MB become 3), as base64. */
function plotly(): string {
  const file = createRequire(import.meta.url).resolve('plotly.js-dist/plotly.js');
  return gzipSync(readFileSync(file)).toString('base64');
}
