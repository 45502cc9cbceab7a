import { type Evaluation, type Item, labelOf } from '../curation/index.js';
import type { AttributeEvaluation, Confusion } from '../model/index.js';
import { count } from '../progress.js';
import { plural } from './columns.js';
import { Html, html } from './html.js';
import { type CaptionedImage, captionedGrid, page } from './page.js';

/** What an evaluation's page shows. */
export interface ReportOptions<T> {
  /** What was evaluated on what, in a sentence. */
  about: string;
  /** The encoded image of an item. */
  data: (item: T) => Uint8Array | Promise<Uint8Array>;
  /** Confusions shown of each attribute; default 5. */
  confusions?: number;
  /** Images shown of each confusion, the most confident first; default 6. */
  images?: number;
}

/**
 * An evaluation as one self-contained HTML page that opens without a network: the table, and for each attribute the images of its worst confusions.
 *
 * @example
 * const evaluation = evaluate(await score(model, dataset.rows, { data }));
 * await writeFile('out/evaluation.html', await evaluationReport(evaluation, { about: model.name, data }));
 */
export async function evaluationReport<T extends Item>({ attributes, items }: Evaluation<T>, { about, data, confusions = 5, images = 6 }: ReportOptions<T>): Promise<string> {
  const imagesOf = ({ images: all }: Confusion): Promise<CaptionedImage[]> =>
    Promise.all(
      all.slice(0, images).flatMap((i) => items.slice(i, i + 1)).map(async (item) => ({ id: item.id, data: await data(item), caption: [labelOf(item, 'productDisplayName') ?? ''] })),
    );
  const sections = [];
  for (const attribute of attributes) {
    const worst = [];
    for (const confusion of attribute.confusions.slice(0, confusions)) {
      const { given, predicted, images: all } = confusion;
      worst.push(html`<h3>${given} → ${predicted}: ${plural(all.length, 'image')}</h3>\n${captionedGrid(await imagesOf(confusion))}\n`);
    }
    sections.push(html`<section id="${attribute.attribute}"><h2>${attribute.attribute}</h2>
${confusionCharts(attribute)}<p>The label given → the label predicted, the most frequent of ${plural(attribute.confusions.length, 'pair')} confused:</p>
${worst}</section>
`);
  }
  return String(page('Evaluation', html`<p>${about}</p>\n${summary(attributes)}\n${sections}`, styles));
}

/** Where an attribute's confusion matrix and reliability diagram stand: SVG, which is safe to put into a page. */
function confusionCharts(_attribute: AttributeEvaluation): Html {
  return new Html('');
}

function summary(attributes: readonly AttributeEvaluation[]): Html {
  const rows = attributes.map(
    ({ attribute, images, labels, accuracy, top5, macroF1, majority, calibrationError }) => html`<tr><td><a href="#${attribute}">${attribute}</a></td>
<td>${count(images)}</td><td>${labels.length}</td>${[accuracy, top5, macroF1, majority, calibrationError].map((share) => html`<td>${(share * 100).toFixed(1)}%</td>`)}</tr>
`,
  );
  return html`<table class="summary"><thead><tr><th>attribute</th><th>images</th><th>labels</th><th>accuracy</th><th>top-5</th><th>macro-F1</th><th>majority</th><th>calibration error</th></tr></thead>
<tbody>
${rows}</tbody></table>`;
}

const styles = `
.summary { font-variant-numeric: tabular-nums; }
.summary th, .summary td { padding: 2px 12px; text-align: right; border-bottom: 1px solid #8884; }
.summary th:first-child, .summary td:first-child { text-align: left; padding-left: 0; }
`;
