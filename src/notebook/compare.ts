import type { Picture, Row } from '../dataset/picture.js';
import { valueText } from './columns.js';
import { altText, cardGrid, image, noImages } from './grid.js';
import { html } from './html.js';

/** An image and what became of it: its augmented variants. */
export interface Pair {
  id: number;
  before: Picture;
  after: readonly Picture[];
}

/**
 * Images beside their augmented variants as HTML; below each variant the transforms that made it, their parameters in
 * the title.
 *
 * @example
 * compareHtml([{ id: shoe.id, before: shoe, after: variants }]);
 */
export function compareHtml(pairs: readonly Pair[]): string {
  if (pairs.length === 0) return noImages;
  const widest = Math.max(...pairs.map(({ after }) => after.length));
  const cards = pairs.map(({ id, before, after }) => {
    const variants = after.map(
      ({ row, data }) => html`<td style="text-align:center;vertical-align:top;padding:2px 4px">${image(data, `${altText(id, row)}, augmented`)}<br>
<span style="font-size:12px;opacity:0.8" title="${transformsText(row, true)}">${transformsText(row)}</span></td>
`,
    );
    return html`<table style="margin:0"><tr><td style="text-align:center;vertical-align:top;padding:2px 4px">${image(before.data, altText(id, before.row))}<br>
<span style="font-size:12px;opacity:0.8">${id}</span></td><td style="padding:2px 4px">→</td>
${variants}</tr></table>
`;
  });
  return String(cardGrid(150 + 130 * widest, cards));
}

/** The transforms of an augmented row in words: `randomCrop, resize`, or with their parameters. */
function transformsText({ transforms }: Row, parameters = false): string {
  if (!Array.isArray(transforms)) return '';
  return transforms.map((step: unknown) => stepText(step, parameters)).join(', ');
}

function stepText(step: unknown, parameters: boolean): string {
  if (typeof step !== 'object' || step === null || !('name' in step)) return valueText(step);
  const { name, ...rest } = step;
  const drawn = parameters ? Object.entries(rest).map(([key, value]) => ` ${key} ${valueText(value)}`) : [];
  return `${valueText(name)}${drawn.join('')}`;
}
