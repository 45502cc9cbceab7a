import { drawCharts, scriptJson } from '../browser.js';
import { chartConfig, figureSvg } from '../charts/index.js';
import { Html, html } from '../html.js';
import type { ImageMap } from '../panels/map.js';
import { page } from './page.js';

/**
 * A map on one page that opens without a network: the chart, and beside it what is caught.
 *
 * @param about - A sentence below the title, as text.
 *
 * @example
 * import { imageMap } from '../panels/map.js';
 * await writeFile('map.html', mapPage('Shoes', '684 images', await imageMap(scored, { colour: 'season' })));
 */
export function mapPage(title: string, about: string, { figure, html: panel }: ImageMap): string {
  const json = scriptJson({ ...figure, config: chartConfig(figure) });
  const still = new Html(figureSvg(figure));
  const chart = html`<div class="chart">${still}<script type="application/json">${json}</script></div>`;
  const body = html`<p>${about}</p>
<div class="map">
${chart}
<div class="panel">${new Html(panel)}</div>
</div>
${drawCharts()}`;
  return String(page(title, body, styles));
}

const styles = `
body { max-width: none; margin: 1rem; }
h1 { margin: 0; font-size: 1.4rem; }
.map { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
.chart { flex: none; max-width: 100%; overflow-x: auto; }
.panel { flex: 1 1 320px; min-width: 0; }
@media (min-width: 1000px) { .panel { max-height: calc(100vh - 6rem); overflow: auto; } }
`;
