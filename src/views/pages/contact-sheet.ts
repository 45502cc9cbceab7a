import type { Picture } from '../../dataset/index.js';
import { count } from '../../work/index.js';
import { drawCharts, scriptJson } from '../browser.js';
import { type AnyFigure, chartConfig, figureSvg } from '../charts/index.js';
import { Html, html } from '../html.js';
import { compareHtml, type Pair } from '../panels/compare.js';
import { gridHtml } from '../panels/grid.js';
import { predictionsHtml } from '../panels/predictions.js';
import { page } from './page.js';

/** One run on a contact sheet. */
export interface SheetSection {
  title: string;
  /** The query, in words or as a condition. */
  query: string;
  /** The figures of the run's report: products, read units, seconds, … */
  figures: readonly (readonly [label: string, value: string | number])[];
  charts: readonly AnyFigure[];
  pictures: readonly Picture[];
  /** Images beside their augmented variants. */
  pairs?: readonly Pair[];
  /** Images with predictions in their rows. */
  predictions?: readonly Picture[];
}

/**
 * Runs on one self-contained HTML page that opens without a network: charts, images with their metadata, augmented
 * images beside their originals, predictions beside the labels. About 3 MB of it are plotly.js, which makes the charts
 * interactive; where scripts do not run, the charts are still pictures.
 *
 * @example
 * const run = await pipeline.run(queries.maleShoesFrom2012);
 * const section: SheetSection = {
 *   title: 'Shoes',
 *   query: 'men, after 2012',
 *   figures: [['products', run.report.products]],
 *   charts: [barFigure(run, 'season')],
 *   pictures: await run.sample(10, { seed: 1 }),
 * };
 * await writeFile('contact-sheet.html', contactSheet([section]));
 */
export function contactSheet(sections: readonly SheetSection[]): string {
  const links = sections.map(({ title }, i) => html`<li><a href="#s${i + 1}">${title}</a></li>\n`);
  const body = html`<nav><ol>
${links}</ol></nav>
${sections.map(section)}
${drawCharts()}`;
  return String(page('Contact sheet', body, styles));
}

function section(
  { title, query, figures, charts, pictures, pairs = [], predictions = [] }: SheetSection,
  i: number,
): Html {
  const facts = figures.map(
    ([label, value]) => html`<div><dt>${label}</dt><dd>${typeof value === 'number' ? count(value) : value}</dd></div>`,
  );
  const found =
    pictures.length === 0
      ? [html`<p>No product matches: an empty result, and nothing went wrong.</p>\n`]
      : [html`<div class="charts">${charts.map(chart)}</div>\n`, part('Random images', gridHtml(pictures))];
  if (pairs.length > 0) found.push(part('Augmented, beside the originals', compareHtml(pairs)));
  if (predictions.length > 0) found.push(part('Predictions, beside the labels', predictionsHtml(predictions)));
  return html`<section id="s${i + 1}"><h2>${title}</h2>
<p class="query">${query}</p>
<dl>${facts}</dl>
${found}</section>
`;
}

const part = (title: string, content: string): Html => html`<h3>${title}</h3>\n${new Html(content)}\n`;

function chart(figure: AnyFigure): Html {
  const json = html`<script type="application/json">${scriptJson({ ...figure, config: chartConfig(figure) })}</script>`;
  return html`<div class="chart">${new Html(figureSvg(figure))}${json}</div>\n`;
}

const styles = `
.query { font-family: ui-monospace, monospace; font-size: 13px; white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; }
dt { font-size: 12px; opacity: 0.7; }
dd { margin: 0; font-size: 1.05rem; font-variant-numeric: tabular-nums; }
.charts { display: flex; flex-wrap: wrap; gap: 1rem; overflow-x: auto; }
`;
