import type { Picture } from '../dataset/picture.js';
import { plural, valueText } from './columns.js';
import { type Html, dataUrl, html } from './html.js';

/** What is written below each image of a grid. */
export interface GridOptions {
  /** Columns, the first one in bold; blanks are left out (default: the name, the kind, colour, season, year and usage). */
  caption?: readonly string[];
}

const mainColumns = ['productDisplayName', 'gender', 'articleType', 'baseColour', 'season', 'year', 'usage'];

/**
 * A grid of thumbnails with captions as HTML, as many columns as fit the width; the images are inside it.
 *
 * @example
 * gridHtml(await dataset.sample(10, { seed: 1 }), { caption: ['productDisplayName', 'year'] });
 */
export function gridHtml(pictures: readonly Picture[], { caption = mainColumns }: GridOptions = {}): string {
  if (pictures.length === 0) return noImages;
  return String(cardGrid(150, pictures.map(({ row, data }) => card(row, data, caption.flatMap((column) => textsOf(row[column]))))));
}

/** What a grid without images says. */
export const noImages = '<p>No images.</p>';

/** Cards side by side, each at least `least` pixels wide, wrapping with the page. */
export const cardGrid = (least: number, cards: readonly Html[]): Html =>
  html`<div style="display:grid;grid-template-columns:repeat(auto-fill,minmax(${least}px,1fr));gap:16px 12px;align-items:start;margin:8px 0">
${cards}</div>`;

/** What an image is of, where it is known: a product, a row of metadata, or anything else with an id. */
export interface Shown {
  readonly id: number;
  readonly articleType?: unknown;
  readonly baseColour?: unknown;
  readonly productDisplayName?: unknown;
}

/** An image with a caption, the first line of it in bold, the id faint. */
export function card(item: Shown, data: Uint8Array | undefined, [name, ...rest]: readonly string[]): Html {
  const lines = [name === undefined ? [] : html`<strong>${name}</strong><br>`, rest.length === 0 ? [] : html`${rest.join(' · ')}<br>`].flat();
  return html`<figure style="margin:0">${image(data, altText(item))}
<figcaption style="font-size:12px;line-height:1.4">${lines}<span style="opacity:0.65">${item.id}</span></figcaption></figure>
`;
}

/** Cards below a heading. */
export const cardSection = (heading: string, cards: readonly Html[]): Html =>
  html`<h4 style="margin:16px 0 0">${heading}</h4>
${cardGrid(120, cards)}
`;

/** A thumbnail of even height; white behind it, as the catalogue's photographs have. One without data is told to be unreadable. */
export const image = (data: Uint8Array | undefined, alt: string, height = 120): Html =>
  data === undefined
    ? html`<div role="img" aria-label="${alt}: cannot be read" title="${alt}" style="box-sizing:border-box;width:90px;height:${height}px;padding:${height / 4}px 4px;border:1px dashed #7b7b7b;border-radius:4px;text-align:center;font-size:12px">cannot be read</div>`
    : html`<img src="${dataUrl(data)}" alt="${alt}" title="${alt}" height="${height}" style="height:${height}px;max-width:100%;object-fit:contain;background:#fff;border-radius:4px">`;

/** The product's name as a caption. */
export const nameOf = ({ productDisplayName }: Shown): string[] => textsOf(productDisplayName);

/** What a picture shows, in words: `Red Sports Shoes: Nike Men Run`, of other fields the first texts, `species oak, site hill`, or `product 15970`. */
export function altText({ id, imagePath: _, ...fields }: Shown & { readonly imagePath?: unknown }): string {
  const kind = [fields.baseColour, fields.articleType].flatMap(textsOf).join(' ');
  const own = Object.entries(fields).flatMap(([name, value]) => (typeof value === 'string' ? textsOf(value).map((text) => `${name} ${text}`) : []));
  return [kind, ...textsOf(fields.productDisplayName)].filter((text) => text !== '').join(': ') || own.slice(0, 3).join(', ') || `product ${id}`;
}

/** The image count that stands for a grid in a terminal. */
export const gridText = (pictures: readonly Picture[]): string =>
  [plural(pictures.length, 'image'), ...pictures.map(({ row }) => itemLine(row))].join('\n');

/** What stands for an image in a terminal. */
export const itemLine = (item: Shown, ...told: readonly string[]): string => [`  ${item.id}`, ...told, altText(item)].join('  ');

const textsOf = (value: unknown): string[] => (value === null || value === undefined || value === '' ? [] : [valueText(value)]);
