import { composePng, fitSquare, type Layer } from '../../image/index.js';
import { plural } from '../../work/index.js';
import { dataUrl, escapeHtml, html } from '../html.js';
import type { ImageBytes, Tile } from '../tile.js';
import { cut } from '../value-text.js';
import { whyNot } from './grid.js';

/** How a contact sheet is laid out. */
export interface MontageOptions {
  /** Images side by side (default: as many as make the sheet about square, 10 at most). */
  columns?: number;
  /** Width and height in pixels that each image is fitted into (default 120). */
  size?: number;
}

/** A contact sheet: the number of its images, the PNG, and its size in pixels. */
export interface Montage {
  images: number;
  png: Buffer;
  width: number;
  height: number;
}

const margin = 8;
const caption = 18;

/**
 * Images on one sheet, their ids below them; where an image cannot be read, the sheet says why. Images smaller than
 * `size` are enlarged to it.
 *
 * @example
 * const { png, width, height } = await montage(await shoes.sample(40, { seed: 1 }));
 * await writeFile('sheet.png', png);
 */
export async function montage(
  pictures: readonly Tile[],
  { columns = Math.max(1, Math.min(10, Math.ceil(Math.sqrt(pictures.length)))), size = 120 }: MontageOptions = {},
): Promise<Montage> {
  const width = margin + columns * (size + margin);
  const height = margin + Math.max(1, Math.ceil(pictures.length / columns)) * (size + caption + margin);
  const tiles = await Promise.all(
    pictures.map(async ({ row, data }, i) => {
      const place = {
        left: margin + (i % columns) * (size + margin),
        top: margin + Math.floor(i / columns) * (size + caption + margin),
      };
      return [
        await fitted(data, size, place),
        text(cut(String(row.id), Math.floor(size / 8)), size, caption, { left: place.left, top: place.top + size }),
      ];
    }),
  );
  return { images: pictures.length, png: await composePng(width, height, tiles.flat()), width, height };
}

/** A contact sheet as HTML, no wider than the page. */
export function montageHtml(sheet: Montage): string {
  const alt = `Contact sheet of ${montageText(sheet)}`;
  const style = 'max-width:100%;height:auto;border-radius:4px';
  return String(html`<img src="${dataUrl(sheet.png)}" alt="${alt}" width="${sheet.width}" style="${style}">`);
}

/** The text that stands for a contact sheet in a terminal. */
export const montageText = ({ images, width, height }: Montage, file?: string): string =>
  `${plural(images, 'image')}, ${width} x ${height} pixels${file === undefined ? '' : `, in ${file}`}`;

async function fitted(
  data: ImageBytes | undefined,
  size: number,
  place: { left: number; top: number },
): Promise<Layer> {
  if (!(data instanceof Uint8Array)) return text(whyNot(data), size, size, place);
  try {
    return { input: await fitSquare(data, size), ...place };
  } catch (error) {
    return text(whyNot(error instanceof Error ? error : undefined), size, size, place);
  }
}

const lineHeight = 14;

/** Words in the middle of a box, in as many lines as they take and it has room for. */
function text(words: string, width: number, height: number, place: { left: number; top: number }): Layer {
  const look = 'text-anchor="middle" font-family="sans-serif" font-size="12" fill="#444"';
  const fitting = new RegExp(
    `\\S.{0,${Math.max(1, Math.floor(width / 7) - 1)}}(?=\\s|$)|\\S{1,${Math.max(1, Math.floor(width / 7))}}`,
    'g',
  );
  const lines = (words.match(fitting) ?? []).slice(0, Math.max(1, Math.floor(height / lineHeight)));
  const first = height / 2 + 4 - ((lines.length - 1) * lineHeight) / 2;
  const spans = lines.map((line, i) => `<tspan x="50%" y="${first + i * lineHeight}">${escapeHtml(line)}</tspan>`);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
<text ${look}>${spans.join('')}</text></svg>`;
  return { input: Buffer.from(svg), ...place };
}
