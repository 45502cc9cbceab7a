import type { Picture, Row } from '../../dataset/index.js';
import { valueText } from '../columns.js';
import { type Html, html } from '../html.js';
import { altText, cardGrid, image, noImages } from './grid.js';

interface Guess {
  attribute: string;
  label: string | null;
  predicted: string;
  confidence: number | null;
  /** Undefined where the catalogue has no label to compare with. */
  right: boolean | undefined;
}

/**
 * What a model says of a picture, beside the labels of its row: the columns `<attribute>Predicted`,
 * `<attribute>Confidence`.
 */
function guesses(row: Row): Guess[] {
  return Object.keys(row).flatMap((name): Guess[] => {
    const attribute = /^(.+)Predicted$/.exec(name)?.[1];
    const predicted = row[name];
    if (attribute === undefined || typeof predicted !== 'string') return [];
    const label = row[attribute] === null || row[attribute] === undefined ? null : valueText(row[attribute]);
    const confidence = row[`${attribute}Confidence`];
    return [
      {
        attribute,
        label,
        predicted,
        confidence: typeof confidence === 'number' ? confidence : null,
        right: label === null ? undefined : label === predicted,
      },
    ];
  });
}

const marks = { right: '✓', wrong: '✗ wrong', unknown: '' };
const markOf = ({ right }: Guess): string => marks[right === undefined ? 'unknown' : right ? 'right' : 'wrong'];

/**
 * Images with their labels beside what the model predicts, as HTML: a tick or a cross in words and the confidence, and
 * how many of them are right in all.
 *
 * @example
 * predictionsHtml(await inferred.sample(6, { seed: 1 }));
 */
export function predictionsHtml(pictures: readonly Picture[]): string {
  if (pictures.length === 0) return noImages;
  const cards = pictures.map(({ id, row, data }) => {
    const lines = guesses(row).map((guess) => {
      const { attribute, label, predicted, confidence, right } = guess;
      const strong = right === false ? 'font-weight:bold;' : '';
      const percent = confidence === null ? '' : `${Math.round(confidence * 100)}%`;
      return html`<tr><td style="${leftCell}opacity:0.65">${attribute}</td><td style="${leftCell}">${label ?? '–'}</td><td style="${leftCell}${strong}">${predicted}</td><td style="${rightCell}">${percent}</td><td style="${leftCell}${strong}">${markOf(guess)}</td></tr>
`;
    });
    return html`<div style="display:flex;align-items:flex-start"><figure style="margin:0 10px 0 0;width:90px;text-align:center">${image(data, altText(row), 110)}<figcaption style="font-size:12px;opacity:0.65">${id}</figcaption></figure>
<table style="margin:0;font-size:12px"><thead><tr><th></th><th style="${leftCell}">label</th><th style="${leftCell}">predicted</th><th></th><th></th></tr></thead><tbody>
${lines}</tbody></table></div>
`;
  });
  return `${summary(pictures)}\n${cardGrid(500, cards)}`;
}

const leftCell = 'text-align:left;padding:1px 6px;';
const rightCell = 'text-align:right;padding:1px 6px;';

function summary(pictures: readonly Picture[]): Html {
  return html`<p>${rightCounts(pictures).join(' · ')}</p>`;
}

/** How many predictions agree with the labels, by attribute: `gender 9 of 10 right`. */
function rightCounts(pictures: readonly Picture[]): string[] {
  const tally = new Map<string, { right: number; known: number }>();
  for (const guess of pictures.flatMap(({ row }) => guesses(row))) {
    const sums = tally.get(guess.attribute) ?? { right: 0, known: 0 };
    tally.set(guess.attribute, sums);
    if (guess.right !== undefined) sums.known++;
    if (guess.right === true) sums.right++;
  }
  return [...tally].map(([attribute, { right, known }]) => `${attribute} ${right} of ${known} right`);
}

/** The same for a terminal: a line per image, and the counts. */
export function predictionsText(pictures: readonly Picture[]): string {
  const lines = pictures.map(({ id, row }) => {
    const told = guesses(row).map((guess) => `${guess.attribute} ${guess.predicted} ${markOf(guess)}`.trimEnd());
    return `  ${id}  ${told.join(', ')}`;
  });
  return [...lines, rightCounts(pictures).join(' · ')].join('\n');
}
