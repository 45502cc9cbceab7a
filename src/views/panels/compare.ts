import type { Picture, Row } from '../../dataset/index.js';
import { count, plural } from '../../work/index.js';
import { html } from '../html.js';
import { wrongKind } from '../kinds.js';
import { isTiles, type Tile } from '../tile.js';
import { valueText } from '../value-text.js';
import { altText, cardGrid, image, noImages } from './grid.js';

/** An image and its augmented variants. */
export interface Pair {
  id: Tile['row']['id'];
  before: Tile;
  after: readonly Tile[];
  /** How many variants there are, where those are not all. */
  of?: number;
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
  /** How many variants of each image at most (default 10). */
  variants?: number;
}

/**
 * Images of a data set, drawn at random, with the variants that a derived data set has of them. Of pictures the first
 * ones are taken.
 *
 * @param before - The data set of the originals, or pictures of it.
 * @param after - The derived data set, or pictures of it; its rows have the ids of the originals.
 * @returns At most `limit` pairs (default 8), in the order of `before`; the same seed draws the same ones.
 * @throws PipelineError `show.wrongKind` for anything else; an error of the bucket where an image cannot be read.
 *
 * @example
 * const run = await pipeline.run(queries.maleShoesFrom2012Augmented);
 * const [{ before, after }] = await pairs(run, run.augmented, { limit: 4, seed: 1 });
 * console.log(before.row.id, after.map(({ row }) => row.variant));
 */
export async function pairs(
  before: Pictures | readonly Tile[],
  after: Pictures | readonly Tile[],
  { limit = 8, variants = 10, ...options }: CompareOptions = {},
): Promise<Pair[]> {
  const originals = isTiles(before) ? before.slice(0, limit) : await checked(before).sample(limit, options);
  return Promise.all(
    originals.map(async (picture) => {
      const { id } = picture.row;
      const { shown, of } = await variantsOf(after, id, variants);
      return { id, before: picture, after: shown, ...(of > shown.length && { of }) };
    }),
  );
}

async function variantsOf(
  after: Pictures | readonly Tile[],
  id: Tile['row']['id'],
  most: number,
): Promise<{ shown: Tile[]; of: number }> {
  if (isTiles(after)) {
    const all = after.filter(({ row }) => row.id === id);
    return { shown: all.slice(0, most), of: all.length };
  }
  const rows = checked(after).rows.filter((row) => row.id === id);
  return { shown: await Promise.all(rows.slice(0, most).map((row) => after.picture(row))), of: rows.length };
}

function checked(source: Pictures): Pictures {
  if (typeof source === 'object' && source !== null && 'picture' in source) return source;
  throw wrongKind('Two data sets are compared, or pictures of each', source);
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
  const cards = compared.map(({ id, before, after, of }) => {
    const variants = after.map(
      ({ row, data }) => html`<td style="${cellStyle(130)}">${image(data, `${altText(row)}, augmented`)}<br>
<span style="font-size:12px;opacity:0.8" title="${valueText(row.transforms ?? '')}">${transformNames(row)}</span></td>
`,
    );
    const original = image(before.data, altText(before.row));
    const left = of === undefined ? '' : html`<br>${count(after.length)} of ${plural(of, 'variant')}`;
    return html`<div><table style="margin:0"><tr><td style="${cellStyle(100)}">${original}<br>
<span style="font-size:12px;opacity:0.8">${id}${left}</span></td>${arrow}
${variants}</tr></table></div>
`;
  });
  return String(cardGrid(150 + 138 * widest, cards));
}

/** The same widths in all tables, so that their columns are aligned. */
const cellStyle = (width: number): string =>
  `width:${width}px;text-align:center;vertical-align:top;padding:2px 4px;line-height:1.3;white-space:normal`;

/** The names of a row's transforms: `randomCrop, resize`. */
function transformNames({ transforms }: Tile['row']): string {
  if (!Array.isArray(transforms)) return '';
  return transforms
    .map((step: unknown) => valueText(typeof step === 'object' && step !== null && 'name' in step ? step.name : step))
    .join(', ');
}
