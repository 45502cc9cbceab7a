import { labelOf, labelsOf } from '../../model/index.js';
import { count, PipelineError, percent } from '../../work/index.js';
import { type Html, html } from '../html.js';
import type { Tile } from '../tile.js';
import { valueText } from '../value-text.js';
import { altText, cardGrid, image, noImages, noteHtml } from './grid.js';

/** How many images are shown with their predictions at most. */
export const mostPredictions = 50;

/** The prediction of one attribute. */
interface Guess {
  attribute: string;
  label: string | null;
  predicted: string;
  confidence: number | null;
  /** Undefined where the catalogue has no label to compare with. */
  right: boolean | undefined;
}

/**
 * The predictions in a row, from its columns `<attribute>Predicted` and `<attribute>Confidence`, beside the row's own
 * labels.
 */
function guesses(row: Tile['row']): Guess[] {
  return Object.keys(row).flatMap((name): Guess[] => {
    const attribute = /^(.+)Predicted$/.exec(name)?.[1];
    const predicted = row[name];
    const set = Array.isArray(predicted) ? predicted.map(String) : undefined;
    if (attribute === undefined || (typeof predicted !== 'string' && set === undefined)) return [];
    const label = row[attribute] === null || row[attribute] === undefined ? null : valueText(row[attribute], attribute);
    // Of a set, that of the label that the model is least sure of.
    const confidence = [row[`${attribute}Confidence`]].flat().filter((value) => typeof value === 'number');
    const right = set ? sameSet(set, labelsOf(row, attribute, set)) : labelOf(row, attribute) === predicted;
    return [
      {
        attribute,
        label,
        predicted: set && set.length === 0 ? '(none)' : valueText(predicted),
        confidence: confidence.length === 0 ? null : Math.min(...confidence),
        right: label === null ? undefined : right,
      },
    ];
  });
}

/**
 * Rows that have predictions.
 *
 * @throws PipelineError `show.noPredictions` where none has.
 */
export function predicted(tiles: readonly Tile[]): readonly Tile[] {
  if (tiles.length === 0 || tiles.some(({ row }) => guesses(row).length > 0)) return tiles;
  throw new PipelineError(
    'show.noPredictions',
    'None of these rows has a prediction (a column like seasonPredicted). Show what pipeline.infer returns.',
  );
}

const sameSet = (a: readonly string[], b: readonly string[] = []): boolean =>
  new Set(a).size === new Set(b).size && a.every((label) => b.includes(label));

const marks = { right: '✓', wrong: '✗ wrong', unknown: '' };
const mark = ({ right }: Guess): string => marks[right === undefined ? 'unknown' : right ? 'right' : 'wrong'];

/**
 * Images with their labels and the model's predictions, as HTML: `Formal → Casual 77% ✗` where they differ, `Casual 77%
 * ✓` where they are the same; above them how many are right of each attribute.
 *
 * @param pictures - With `<attribute>Predicted` and `<attribute>Confidence` in their rows.
 * @param note - What is said below them of those on other pages.
 *
 * @example
 * const { inferred } = await pipeline.run(queries.maleShoesFrom2012Labelled, { model: await loadModel() });
 * predictionsHtml(await inferred.sample(6, { seed: 1 }));
 */
export function predictionsHtml(pictures: readonly Tile[], note = ''): string {
  if (pictures.length === 0) return noImages;
  const cards = pictures.map(({ row, data }) => {
    const lines = guesses(row).map((guess) => {
      const { attribute, label, predicted, confidence, right } = guess;
      const sure = confidence === null ? '' : percent(confidence, 0);
      const change = html`${label ?? '–'} → <strong>${predicted}</strong>`;
      const words = mark(guess);
      const cells = [
        html`<td style="${leftCell}opacity:0.65">${attribute}</td>`,
        html`<td style="${leftCell}white-space:normal">${right ? predicted : change}</td>`,
        html`<td style="${rightCell}">${sure}</td>`,
        html`<td style="${leftCell}" aria-label="${words}" title="${words}">${words.slice(0, 1)}</td>`,
      ];
      return html`<tr>${cells}</tr>\n`;
    });
    const thumbnail = image(data, altText(row), 110);
    const caption = html`<figcaption style="font-size:12px;opacity:0.65">${row.id}</figcaption>`;
    const side = 'flex:none;margin:0 8px 0 0;width:82px;text-align:center';
    const figure = html`<figure style="${side}">${thumbnail}${caption}</figure>`;
    return html`<div style="display:flex;align-items:flex-start">${figure}
<table style="margin:0;font-size:12px"><tbody>
${lines}</tbody></table></div>
`;
  });
  return `${summary(pictures)}\n${cardGrid(330, cards)}${noteHtml(note)}`;
}

const leftCell = 'text-align:left;padding:1px 5px;';
const rightCell = 'text-align:right;padding:1px 5px;';
function summary(pictures: readonly Tile[]): Html {
  return html`<p>${rightCounts(pictures).join(' · ')}</p>`;
}

/** For each attribute how many predictions agree with the labels: `gender 9 of 10 right`. */
function rightCounts(pictures: readonly Tile[]): string[] {
  const tally = new Map<string, { right: number; known: number }>();
  for (const guess of pictures.flatMap(({ row }) => guesses(row))) {
    const sums = tally.get(guess.attribute) ?? { right: 0, known: 0 };
    tally.set(guess.attribute, sums);
    if (guess.right !== undefined) sums.known++;
    if (guess.right === true) sums.right++;
  }
  return [...tally].map(([attribute, { right, known }]) => `${attribute} ${count(right)} of ${count(known)} right`);
}

/** Predictions as text for a terminal: a line per image, and the counts. */
export function predictionsText(pictures: readonly Tile[], note = ''): string {
  const lines = pictures.map(({ row }) => {
    const texts = guesses(row).map((guess) => `${guess.attribute} ${guess.predicted} ${mark(guess)}`.trimEnd());
    return `  ${row.id}  ${texts.join(', ')}`;
  });
  return [...lines, rightCounts(pictures).join(' · '), ...(note === '' ? [] : [note])].join('\n');
}
