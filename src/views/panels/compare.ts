import type { ProductId } from '../../catalogue/index.js';
import type { Picture, Row } from '../../dataset/index.js';
import { valueText } from '../columns.js';
import { html } from '../html.js';
import { altText, cardGrid, image, noImages } from './grid.js';

/** An image and its augmented variants. */
export interface Pair {
  id: ProductId;
  before: Picture;
  after: readonly Picture[];
}

/** A data set, as far as it is needed to read some of its images. */
export interface Pictures {
  readonly rows: readonly Row[];
  sample(n: number, options?: { seed?: number }): Promise<Picture[]>;
  picture(row: Row): Promise<Picture>;
}

/** Which images are compared with their variants. */
export interface CompareOptions {
  /** How many images at most (default 8). */
  limit?: number;
  /** The same seed draws the same images. */
  seed?: number;
}

/**
 * Images of a data set, drawn at random, with the variants that a derived data set has of them.
 *
 * @param before - The data set of the originals.
 * @param after - The derived data set; its rows have the ids of the originals.
 * @returns At most `limit` pairs (default 8), in the order of `before`; the same seed draws the same ones.
 * @throws Error of the bucket where an image cannot be read.
 *
 * @example
 * const run = await pipeline.run(queries.maleShoesFrom2012Augmented);
 * const [{ before, after }] = await pairs(run, run.augmented, { limit: 4, seed: 1 });
 * console.log(before.id, after.map(({ row }) => row.variant));
 */
export async function pairs(
  before: Pictures,
  after: Pictures,
  { limit = 8, ...options }: CompareOptions = {},
): Promise<Pair[]> {
  const variants = (id: ProductId) =>
    Promise.all(after.rows.filter((row) => row.id === id).map((row) => after.picture(row)));
  const originals = await before.sample(limit, options);
  return Promise.all(
    originals.map(async (picture) => ({ id: picture.id, before: picture, after: await variants(picture.id) })),
  );
}

/**
 * Images beside their augmented variants as HTML; below each variant the names of the transforms that made it, whose
 * parameters show while the pointer is on them.
 *
 * @example
 * const [before] = await shoes.sample(1);
 * const after = await Promise.all(
 *   augmented.rows.filter(({ id }) => id === before.id).map((row) => augmented.picture(row)),
 * );
 * compareHtml([{ id: before.id, before, after }]);
 */
export function compareHtml(compared: readonly Pair[]): string {
  if (compared.length === 0) return noImages;
  const widest = Math.max(...compared.map(({ after }) => after.length));
  const arrow = html`<td style="padding:2px 4px;vertical-align:top;line-height:120px">→</td>`;
  const cards = compared.map(({ id, before, after }) => {
    const variants = after.map(
      ({ row, data }) => html`<td style="${cellStyle(130)}">${image(data, `${altText(row)}, augmented`)}<br>
<span style="font-size:12px;opacity:0.8" title="${valueText(row.transforms ?? '')}">${transformNames(row)}</span></td>
`,
    );
    const original = image(before.data, altText(before.row));
    return html`<div><table style="margin:0"><tr><td style="${cellStyle(100)}">${original}<br>
<span style="font-size:12px;opacity:0.8">${id}</span></td>${arrow}
${variants}</tr></table></div>
`;
  });
  return String(cardGrid(150 + 138 * widest, cards));
}

/** The same widths in all tables, so that their columns are aligned. */
const cellStyle = (width: number): string =>
  `width:${width}px;text-align:center;vertical-align:top;padding:2px 4px;line-height:1.3;white-space:normal`;

/** The names of a row's transforms: `randomCrop, resize`. */
function transformNames({ transforms }: Row): string {
  if (!Array.isArray(transforms)) return '';
  return transforms
    .map((step: unknown) => valueText(typeof step === 'object' && step !== null && 'name' in step ? step.name : step))
    .join(', ');
}
