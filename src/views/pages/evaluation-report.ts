import type { Evaluation } from '../../curation/index.js';
import type { AttributeEvaluation, Item } from '../../model/index.js';
import { count, percent } from '../../work/index.js';
import { confusionFigure, figureSvg, reliabilityFigure } from '../charts/index.js';
import { Html, html } from '../html.js';
import { type ImageSource, readImages } from '../images.js';
import { confusionsHtml, worstConfusions } from '../panels/confusions.js';
import { page } from './page.js';

/** What an evaluation's page says and shows beside the numbers. */
export interface ReportOptions<T> {
  /** A sentence that says which model was evaluated, on which images. */
  about: string;
  /** Where the items' images come from. */
  images: ImageSource<T>;
  /** How many confusions at most are shown of each attribute (default 5). */
  limit?: number;
}

/**
 * An evaluation as one self-contained HTML page that opens without a network: a table of all attributes, and for each
 * attribute the confusion matrix, the reliability diagram, and images of the worst confusions.
 *
 * @example
 * const model = await loadModel();
 * const scored = await score(model, shoes.rows, { data: (row) => shoes.image(row) });
 * const page = await evaluationReport(evaluate(scored), { about: `${model.name} on my images`, images: shoes });
 * await writeFile('evaluation.html', page);
 */
export async function evaluationReport<T extends Item>(
  evaluation: Evaluation<T>,
  { about, images: source, limit = 5 }: ReportOptions<T>,
): Promise<string> {
  const sections = [];
  for (const attribute of evaluation.attributes) {
    const worst = worstConfusions(evaluation, attribute.attribute, { limit });
    const images = await readImages(
      worst.flatMap(({ items }) => items),
      source,
    );
    const charts = [figureSvg(confusionFigure(attribute)), figureSvg(reliabilityFigure(attribute))];
    sections.push(html`<section id="${attribute.attribute}"><h2>${attribute.attribute}</h2>
<div class="charts">${charts.map((svg) => new Html(svg))}</div>
<h3>Confused most often</h3>
${new Html(confusionsHtml(worst, images))}</section>
`);
  }
  return String(page('Evaluation', html`<p>${about}</p>\n${summary(evaluation.attributes)}\n${sections}`, styles));
}

function summary(attributes: readonly AttributeEvaluation[]): Html {
  const names = ['attribute', 'images', 'labels', 'accuracy', 'top-5', 'macro-F1', 'majority', 'calibration error'];
  const rows = attributes.map(({ attribute, images, labels, ...shares }) => {
    const { accuracy, top5, macroF1, majority, calibrationError } = shares;
    const percents = [accuracy, top5, macroF1, majority, calibrationError].map((share) => percent(share));
    return html`<tr><td><a href="#${attribute}">${attribute}</a></td>
<td>${count(images)}</td><td>${count(labels.length)}</td>${percents.map((text) => html`<td>${text}</td>`)}</tr>
`;
  });
  return html`<table class="summary"><thead><tr>${names.map((name) => html`<th>${name}</th>`)}</tr></thead>
<tbody>
${rows}</tbody></table>`;
}

const styles = `
.charts { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; overflow-x: auto; }
.summary { font-variant-numeric: tabular-nums; }
.summary th, .summary td { padding: 2px 12px; text-align: right; border-bottom: 1px solid #8884; }
.summary th:first-child, .summary td:first-child { text-align: left; padding-left: 0; }
`;
