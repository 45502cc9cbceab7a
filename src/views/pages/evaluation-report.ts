import type { Evaluation } from '../../curation/index.js';
import type { AttributeEvaluation, Item } from '../../model/index.js';
import { count } from '../../work/index.js';
import { confusionFigure } from '../charts/confusion.js';
import { reliabilityFigure } from '../charts/reliability.js';
import { figureSvg } from '../charts/svg.js';
import { Html, html } from '../html.js';
import { type ImageSource, imagesOf } from '../images.js';
import { confusionsHtml, worstConfusions } from '../panels/confusions.js';
import { page } from './page.js';

/** What an evaluation's page shows. */
export interface ReportOptions<T> {
  /** What was evaluated on what, in a sentence. */
  about: string;
  /** Where the items' images come from. */
  images: ImageSource<T>;
  /** Confusions shown of each attribute; default 5. */
  most?: number;
}

/**
 * An evaluation as one self-contained HTML page that opens without a network: the table, and for each attribute the
 * confusion matrix, the reliability of its confidences, and images of its worst confusions.
 *
 * @example
 * const evaluation = evaluate(await score(model, dataset.rows, { data }));
 * await writeFile('out/evaluation.html', await evaluationReport(evaluation, { about: model.name, images: dataset }));
 */
export async function evaluationReport<T extends Item>(
  evaluation: Evaluation<T>,
  { about, images: source, most = 5 }: ReportOptions<T>,
): Promise<string> {
  const sections = [];
  for (const attribute of evaluation.attributes) {
    const worst = worstConfusions(evaluation, attribute.attribute, { most });
    const images = await imagesOf(
      worst.flatMap(({ items }) => items),
      source,
    );
    sections.push(html`<section id="${attribute.attribute}"><h2>${attribute.attribute}</h2>
<div class="charts">${[confusionFigure(attribute), reliabilityFigure(attribute)].map((figure) => new Html(figureSvg(figure)))}</div>
<h3>Confused most often</h3>
${new Html(confusionsHtml(worst, images))}</section>
`);
  }
  return String(page('Evaluation', html`<p>${about}</p>\n${summary(evaluation.attributes)}\n${sections}`, styles));
}

function summary(attributes: readonly AttributeEvaluation[]): Html {
  const rows = attributes.map(
    ({
      attribute,
      images,
      labels,
      accuracy,
      top5,
      macroF1,
      majority,
      calibrationError,
    }) => html`<tr><td><a href="#${attribute}">${attribute}</a></td>
<td>${count(images)}</td><td>${labels.length}</td>${[accuracy, top5, macroF1, majority, calibrationError].map((share) => html`<td>${(share * 100).toFixed(1)}%</td>`)}</tr>
`,
  );
  return html`<table class="summary"><thead><tr><th>attribute</th><th>images</th><th>labels</th><th>accuracy</th><th>top-5</th><th>macro-F1</th><th>majority</th><th>calibration error</th></tr></thead>
<tbody>
${rows}</tbody></table>`;
}

const styles = `
.charts { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; overflow-x: auto; }
.summary { font-variant-numeric: tabular-nums; }
.summary th, .summary td { padding: 2px 12px; text-align: right; border-bottom: 1px solid #8884; }
.summary th:first-child, .summary td:first-child { text-align: left; padding-left: 0; }
`;
