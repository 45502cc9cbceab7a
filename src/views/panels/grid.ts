import { plural } from '../../work/index.js';
import { grey } from '../charts/palette.js';
import { valueText } from '../columns.js';
import { dataUrl, type Html, html } from '../html.js';

/** What is written below each image of a grid. */
export interface GridOptions {
  /**
   * Columns, the first one in bold; blanks are left out (default: the name, the kind, colour, season, year and usage).
   */
  caption?: readonly string[];
}

/** An image with what is known of it; without `data` where it could not be read. */
export interface Tile {
  readonly row: Shown & Readonly<Record<string, unknown>>;
  readonly data?: Uint8Array | undefined;
}

const mainColumns = ['productDisplayName', 'gender', 'articleType', 'baseColour', 'season', 'year', 'usage'];

/**
 * A grid of thumbnails with captions as HTML, as many columns as fit the width; the images are inside it. A click
 * enlarges one, and one that is none says so.
 *
 * @example
 * gridHtml(await dataset.sample(10, { seed: 1 }), { caption: ['productDisplayName', 'year'] });
 */
export function gridHtml(pictures: readonly Tile[], { caption = mainColumns }: GridOptions = {}): string {
  if (pictures.length === 0) return noImages;
  return String(
    tiles(
      150,
      pictures.map(({ row, data }) =>
        card(
          row,
          data,
          caption.flatMap((column) => textsOf(row[column])),
        ),
      ),
    ),
  );
}

/** Whether these are images already, and not rows of which the images are still to be read. */
export const isTiles = (items: unknown): items is readonly Tile[] =>
  Array.isArray(items) && items.every((item: unknown) => typeof item === 'object' && item !== null && 'row' in item);

/** What a grid without images says. */
export const noImages = '<p>No images.</p>';

/** Wide cards side by side, each at least `least` pixels wide, wrapping with the page. */
export const cardGrid = (least: number, cards: readonly Html[]): Html =>
  html`<div style="display:grid;grid-template-columns:repeat(auto-fill,minmax(${least}px,1fr));gap:16px 12px;align-items:start;margin:8px 0">
${cards}</div>`;

/** Thumbnails with captions side by side, each `width` pixels wide until it is opened. */
export const tiles = (width: number, cards: readonly Html[]): Html =>
  html`<div style="display:flex;flex-wrap:wrap;gap:16px 12px;align-items:flex-start;margin:8px 0">
${cards.map((card) => html`<div style="min-width:${width}px">${card}</div>`)}</div>`;

/** What an image is of, where it is known: a product, a row of metadata, or anything else with an id. */
export interface Shown {
  readonly id: number | string;
  readonly articleType?: unknown;
  readonly baseColour?: unknown;
  readonly productDisplayName?: unknown;
}

/** An image with a caption, the first line of it in bold, the id faint. */
export function card(item: Shown, data: Uint8Array | undefined, [name, ...rest]: readonly string[]): Html {
  const lines = [
    name === undefined ? [] : html`<strong>${name}</strong><br>`,
    rest.length === 0 ? [] : html`${rest.join(' · ')}<br>`,
  ].flat();
  return html`<figure style="margin:0">${enlargeable(data, altText(item))}
<figcaption style="width:0;min-width:100%;font-size:12px;line-height:1.4;overflow-wrap:anywhere">${lines}<span style="opacity:0.65">${item.id}</span></figcaption></figure>
`;
}

/** Cards below a heading. */
export const cardSection = (heading: string, cards: readonly Html[]): Html =>
  html`<h4 style="margin:16px 0 0">${heading}</h4>
${tiles(120, cards)}
`;

/**
 * A thumbnail of even height; white behind it, as the catalogue's photographs have. What is no image is told to be
 * unreadable.
 */
export function image(data: Uint8Array | undefined, alt: string, height = 120): Html {
  const url = data && dataUrl(data);
  if (url === undefined) return unreadable(alt, `width:90px;height:${height}px`);
  return html`<img src="${url}" alt="${alt}" title="${alt}" height="${height}" style="height:${height}px;max-width:100%;object-fit:contain;background:#fff;border-radius:4px">`;
}

/**
 * A thumbnail as wide as its tile, which opens to a large image at a click or a key. Without a script or a style sheet,
 * for an untrusted notebook loses both: the image itself takes no width and fills the tile, and what an open one holds
 * makes the tile wide.
 */
function enlargeable(data: Uint8Array | undefined, alt: string): Html {
  const url = data && dataUrl(data);
  if (url === undefined) return unreadable(alt, 'width:100%;min-height:96px;aspect-ratio:5/4');
  return html`<details><summary style="display:block;cursor:zoom-in"><img src="${url}" alt="${alt}" title="${alt}" height="120" style="display:block;width:0;min-width:100%;height:auto;aspect-ratio:5/4;object-fit:contain;background:#fff;border-radius:4px"></summary><div style="width:400px;max-width:80vw"></div></details>`;
}

const unreadable = (alt: string, size: string): Html =>
  html`<div role="img" aria-label="${alt}: cannot be read" title="${alt}" style="box-sizing:border-box;${size};display:flex;align-items:center;justify-content:center;border:1px dashed ${grey};border-radius:4px;font-size:12px;line-height:1.2;text-align:center;white-space:normal">cannot be read</div>`;

/** The product's name as a caption. */
export const nameOf = ({ productDisplayName }: Shown): string[] => textsOf(productDisplayName);

/**
 * What a picture shows, in words: `Red Sports Shoes: Nike Men Run`, of other fields the first texts, `species oak, site
 * hill`, or `product 15970`.
 */
export function altText({ id, imagePath: _, ...fields }: Shown & { readonly imagePath?: unknown }): string {
  const kind = [fields.baseColour, fields.articleType].flatMap(textsOf).join(' ');
  const own = Object.entries(fields).flatMap(([name, value]) =>
    typeof value === 'string' ? textsOf(value).map((text) => `${name} ${text}`) : [],
  );
  return (
    [kind, ...textsOf(fields.productDisplayName)].filter((text) => text !== '').join(': ') ||
    own.slice(0, 3).join(', ') ||
    `product ${id}`
  );
}

/** The image count that stands for a grid in a terminal. */
export const gridText = (pictures: readonly Tile[]): string =>
  [
    plural(pictures.length, 'image'),
    ...pictures.map(({ row, data }) => itemLine(row, ...(data && dataUrl(data) ? [] : ['cannot be read']))),
  ].join('\n');

/** What stands for an image in a terminal. */
export const itemLine = (item: Shown, ...told: readonly string[]): string =>
  [`  ${item.id}`, ...told, altText(item)].join('  ');

const textsOf = (value: unknown): string[] =>
  value === null || value === undefined || value === '' ? [] : [valueText(value)];
