import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { Html, html } from '../html.js';

/**
 * What makes the charts of a page interactive, for its end: plotly.js itself, some 3 MB, and a script that puts a live
 * chart in the place of each still one. Such a one is an element of the class `chart` with its figure as JSON in a
 * script element.
 *
 * @example
 * html`<div class="chart">${new Html(figureSvg(figure))}<script type="application/json">${scriptJson(figure)}</script></div>${drawCharts()}`;
 */
export const drawCharts = (): Html => html`<script type="application/gzip" id="plotly">${plotly()}</script>
<script>${new Html(upgrade)}</script>`;

/** JSON inside a script element ends at no `</script>` of its own. */
export const scriptJson = (value: unknown): Html => new Html(JSON.stringify(value).replace(/</g, '\\u003c'));

/** The library gzipped (10 MB become 3), as base64. */
function plotly(): string {
  const file = createRequire(import.meta.url).resolve('plotly.js-dist/plotly.js');
  return gzipSync(readFileSync(file)).toString('base64');
}

/** Runs in the page: unpacks plotly.js and puts an interactive chart in the place of each still one. */
const upgrade = `(async () => {
  const packed = await (await fetch('data:application/gzip;base64,' + document.getElementById('plotly').textContent)).blob();
  const library = document.createElement('script');
  library.textContent = await new Response(packed.stream().pipeThrough(new DecompressionStream('gzip'))).text();
  document.head.append(library);
  for (const chart of document.querySelectorAll('.chart')) {
    const figure = JSON.parse(chart.querySelector('script').textContent);
    chart.replaceChildren();
    await Plotly.newPlot(chart, figure.data, figure.layout, { displayModeBar: false });
  }
})();`;
