import type { Picture, Row } from '../dataset/picture.js';
import { plural, valueText } from './columns.js';
import { Html, dataUrl, html } from './html.js';

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
  const cards = pictures.map(({ id, row, data }) => card(id, data, altText(id, row), caption.flatMap((column) => textsOf(row[column]))));
  return String(cardGrid(150, cards));
}

/** An image over its caption, the first line in bold, and its id. */
export const card = (id: number, data: Uint8Array, alt: string, [name = '', ...rest]: readonly string[]): Html =>
  html`<figure style="margin:0">${image(data, alt)}
<figcaption style="font-size:12px;line-height:1.4"><strong>${name}</strong><br>${rest.join(' · ')}${rest.length > 0 ? new Html('<br>') : ''}<span style="opacity:0.65">${id}</span></figcaption></figure>
`;

/** What a grid without images says. */
export const noImages = '<p>No images.</p>';

/** Cards side by side, each at least `least` pixels wide, wrapping with the page. */
export const cardGrid = (least: number, cards: readonly Html[]): Html =>
  html`<div style="display:grid;grid-template-columns:repeat(auto-fill,minmax(${least}px,1fr));gap:16px 12px;align-items:start;margin:8px 0">
${cards}</div>`;

/** A thumbnail of even height; white behind it, as the catalogue's photographs have. */
export const image = (data: Uint8Array, alt: string, height = 120): Html =>
  html`<img src="${dataUrl(data)}" alt="${alt}" title="${alt}" height="${height}" style="height:${height}px;max-width:100%;object-fit:contain;background:#fff;border-radius:4px">`;

/** What a picture shows, in words: `Red Sports Shoes: Nike Men Run` or `product 15970`. */
export function altText(id: number, row: Row): string {
  const kind = [row.baseColour, row.articleType].flatMap(textsOf).join(' ');
  return [kind, ...textsOf(row.productDisplayName)].filter((text) => text !== '').join(': ') || `product ${id}`;
}

/** The image count that stands for a grid in a terminal. */
export const gridText = (pictures: readonly Picture[]): string =>
  [plural(pictures.length, 'image'), ...pictures.map(({ id, row }) => `  ${id}  ${altText(id, row)}`)].join('\n');

const textsOf = (value: unknown): string[] => (value === null || value === undefined || value === '' ? [] : [valueText(value)]);
