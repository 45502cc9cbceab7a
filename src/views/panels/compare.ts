import type { ProductId } from '../../catalogue/index.js';
import type { Picture, Row } from '../../dataset/index.js';
import { valueText } from '../columns.js';
import { html } from '../html.js';
import { altText, cardGrid, image, noImages } from './grid.js';

/** An image and what became of it: its augmented variants. */
export interface Pair {
  id: ProductId;
  before: Picture;
  after: readonly Picture[];
}

/** What is needed of a data set to read some of its images. */
export interface Pictures {
  readonly rows: readonly Row[];
  sample(n: number, options?: { seed?: number }): Promise<Picture[]>;
  picture(row: Row): Promise<Picture>;
}

/**
 * Some images of a data set, drawn at random, with the variants that a derived data set has of them.
 *
 * @example
 * compareHtml(await pairs(shoes, augmented, 8, { seed: 1 }));
 */
export async function pairs(
  before: Pictures,
  after: Pictures,
  n: number,
  options?: { seed?: number },
): Promise<Pair[]> {
  const variantsOf = (id: ProductId) =>
    Promise.all(after.rows.filter((row) => row.id === id).map((row) => after.picture(row)));
  const originals = await before.sample(n, options);
  return Promise.all(
    originals.map(async (picture) => ({ id: picture.id, before: picture, after: await variantsOf(picture.id) })),
  );
}

/**
 * Images beside their augmented variants as HTML; below each variant the transforms that made it, their parameters in
 * the title.
 *
 * @example
 * compareHtml([{ id: shoe.id, before: shoe, after: variants }]);
 */
export function compareHtml(compared: readonly Pair[]): string {
  if (compared.length === 0) return noImages;
  const widest = Math.max(...compared.map(({ after }) => after.length));
  const cards = compared.map(({ id, before, after }) => {
    const variants = after.map(
      ({ row, data }) => html`<td style="${cellStyle(130)}">${image(data, `${altText(row)}, augmented`)}<br>
<span style="font-size:12px;opacity:0.8" title="${valueText(row.transforms ?? '')}">${namesOf(row)}</span></td>
`,
    );
    return html`<div><table style="margin:0"><tr><td style="${cellStyle(100)}">${image(before.data, altText(before.row))}<br>
<span style="font-size:12px;opacity:0.8">${id}</span></td><td style="padding:2px 4px;vertical-align:top;line-height:120px">→</td>
${variants}</tr></table></div>
`;
  });
  return String(cardGrid(150 + 138 * widest, cards));
}

/** Of even widths, so that the columns of all rows are in line. */
const cellStyle = (width: number): string =>
  `width:${width}px;text-align:center;vertical-align:top;padding:2px 4px;line-height:1.3;white-space:normal`;

/** The names of a row's transforms: `randomCrop, resize`. */
function namesOf({ transforms }: Row): string {
  if (!Array.isArray(transforms)) return '';
  return transforms
    .map((step: unknown) => valueText(typeof step === 'object' && step !== null && 'name' in step ? step.name : step))
    .join(', ');
}
