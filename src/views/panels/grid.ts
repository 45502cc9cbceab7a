import { formatOf, reasonOf } from '../../image/index.js';
import { messageOf, plural } from '../../work/index.js';
import { dataUrl, type Html, html } from '../html.js';
import { grey } from '../palette.js';
import type { ImageBytes, Shown, Tile } from '../tile.js';
import { cut, valueText } from '../value-text.js';
import { type Paging, pageOf } from './paging.js';

/** The captions of a grid's images, and which of many are shown: 100 of them (`limit`), the first page (`page`). */
export interface GridOptions extends Paging {
  /**
   * Columns whose values are written below each image, the first one in bold; blanks are left out. Default: the name,
   * gender, article type, colour, season, year and usage.
   */
  caption?: readonly string[];
}

const mainColumns = ['productDisplayName', 'gender', 'articleType', 'baseColour', 'season', 'year', 'usage'];

/**
 * A grid of thumbnails with captions as HTML, as many columns as fit the width, the images inside it. A click enlarges
 * an image; one that cannot be shown says so in its place.
 *
 * @example
 * gridHtml(await shoes.sample(10, { seed: 1 }), { caption: ['productDisplayName', 'year'] });
 */
export function gridHtml(pictures: readonly Tile[], options: GridOptions = {}): string {
  const { numbers, note } = gridPage(pictures.length, options);
  return gridPageHtml(chosen(pictures, numbers), options, note);
}

/** How many images a grid shows at most: a browser shows no more in a moment. */
export const mostImages = 100;

/** The numbers of the images that a grid shows of so many, and what to say of the others. */
export const gridPage = (total: number, { limit = mostImages, ...paging }: Paging): ReturnType<typeof pageOf> =>
  pageOf(total, { limit, ...paging }, 'images');

/** The items with these numbers. */
export const chosen = <T>(items: readonly T[], numbers: readonly number[]): T[] =>
  numbers.map((number) => items[number]).filter((item) => item !== undefined);

/** The images of one page of a grid, with a note about the others. */
export function gridPageHtml(pictures: readonly Tile[], { caption = mainColumns }: GridOptions, note: string): string {
  if (pictures.length === 0) return noImages;
  const cards = pictures.map(({ row, data }) => {
    const lines = caption.flatMap((column) => texts(row[column], column));
    return card(row, data, lines);
  });
  return String(html`${tiles(150, cards)}${noteHtml(note)}`);
}

/** What is said below images of those on other pages. */
export const noteHtml = (note: string): Html => (note === '' ? html`` : html`<p>${note}</p>`);

/** The text of a grid without images. */
export const noImages = '<p>No images.</p>';

/** Wide cards side by side, each at least `minWidth` pixels wide, as many in a line as fit the page. */
export function cardGrid(minWidth: number, cards: readonly Html[]): Html {
  const columns = `grid-template-columns:repeat(auto-fill,minmax(min(100%,${minWidth}px),1fr))`;
  return html`<div style="display:grid;${columns};gap:16px 12px;align-items:start;margin:8px 0">
${cards}</div>`;
}

/** Thumbnails with captions side by side, each `width` pixels wide until it is opened. */
export const tiles = (width: number, cards: readonly Html[]): Html =>
  html`<div style="display:flex;flex-wrap:wrap;gap:16px 12px;align-items:flex-start;margin:8px 0">
${cards.map((card) => html`<div style="min-width:${width}px">${card}</div>`)}</div>`;

/** An image with a caption: a first line in bold, the other texts in a second one, `more` lines, then the id, faint. */
export function card(
  item: Shown,
  data: ImageBytes | undefined,
  [name, ...rest]: readonly string[],
  more: readonly Html[] = [],
): Html {
  const lines = [
    name === undefined ? [] : html`<strong>${name}</strong><br>`,
    rest.length === 0 ? [] : html`${rest.join(' · ')}<br>`,
    more.map((line) => html`${line}<br>`),
  ].flat();
  // Not wider than the image, however long its words are.
  const style = 'width:0;min-width:100%;font-size:12px;line-height:1.4;overflow-wrap:anywhere';
  return html`<figure style="margin:0">${enlargeable(data, altText(item))}
<figcaption style="${style}">${lines}<span style="opacity:0.65">${item.id}</span></figcaption></figure>
`;
}

/** Cards below a heading, as wide as they are side by side. */
export const cardSection = (heading: string, cards: readonly Html[]): Html =>
  html`<div><h4 style="margin:16px 0 0">${heading}</h4>
${tiles(120, cards)}</div>
`;

/** Sections side by side where there is room for more than one. */
export const cardSections = (sections: readonly Html[]): Html =>
  html`<div style="display:flex;flex-wrap:wrap;gap:0 32px">${sections}</div>`;

/**
 * A thumbnail `height` pixels high, on white like the catalogue's photographs. Where there are no bytes of an image, it
 * says why.
 */
export function image(data: ImageBytes | undefined, alt: string, height = 120): Html {
  const url = urlOf(data);
  if (url === undefined) return unreadable(alt, data, `width:90px;height:${height}px`);
  const style = `height:${height}px;max-width:100%;object-fit:contain;background:#fff;border-radius:4px`;
  return html`<img src="${url}" alt="${alt}" title="${alt}" height="${height}" style="${style}">`;
}

/**
 * A thumbnail as wide as its tile, which a click or a key enlarges. It needs neither a script nor a style sheet, since
 * an untrusted notebook loses both: the image has no width of its own and fills the tile, and the block that shows once
 * it is opened makes the tile wide.
 */
function enlargeable(data: ImageBytes | undefined, alt: string): Html {
  const url = urlOf(data);
  if (url === undefined) return unreadable(alt, data, 'width:100%;min-height:96px;aspect-ratio:5/4');
  const size = 'display:block;width:0;min-width:100%;height:auto;aspect-ratio:5/4';
  const style = `${size};object-fit:contain;background:#fff;border-radius:4px`;
  const thumbnail = html`<img src="${url}" alt="${alt}" title="${alt}" height="120" style="${style}">`;
  const wide = html`<div style="width:400px;max-width:80vw"></div>`;
  return html`<details><summary style="display:block;cursor:zoom-in">${thumbnail}</summary>${wide}</details>`;
}

/** An image's bytes as a URL; undefined where there are none, or browsers do not show them. */
export const urlOf = (data: ImageBytes | undefined): string | undefined =>
  data instanceof Uint8Array ? dataUrl(data) : undefined;

/** Why an image is not shown: `cannot be read: s3://… does not exist.` */
export function whyNot(data: ImageBytes | undefined): string {
  if (data === undefined) return 'cannot be read';
  if (data instanceof Error) return `cannot be read: ${messageOf(data)}`;
  const format = formatOf(data);
  return format && !format.inBrowsers
    ? `cannot be shown: browsers do not show ${format.type}`
    : `cannot be read: ${reasonOf(data, new Error('its beginning is that of no image'))}`;
}

/** The most characters of a reason that stand in the place of an image; all of it is in the title. */
const mostOfReason = 90;

function unreadable(alt: string, data: ImageBytes | undefined, size: string): Html {
  const why = whyNot(data);
  const box = `box-sizing:border-box;${size};display:flex;align-items:center;justify-content:center;overflow:hidden`;
  const border = `border:1px dashed ${grey};border-radius:4px`;
  const words = 'font-size:12px;line-height:1.2;text-align:center;white-space:normal;overflow-wrap:anywhere';
  const style = `${box};${border};${words}`;
  const title = `${alt}: ${why}`;
  const text = cut(why, mostOfReason);
  return html`<div role="img" aria-label="${title}" title="${title}" style="${style}">${text}</div>`;
}

/** The product's name as a caption. */
export const productName = ({ productDisplayName }: Shown): string[] => texts(productDisplayName);

/**
 * What a picture shows, in words: `Red Sports Shoes: Nike Men Run`; where there are other fields, the first three of
 * text, `species oak, site hill`; else `product 15970`.
 */
export function altText({ id, imagePath: _, ...fields }: Shown & { readonly imagePath?: unknown }): string {
  const kind = [fields.baseColour, fields.articleType].flatMap((value) => texts(value)).join(' ');
  const own = Object.entries(fields).flatMap(([name, value]) =>
    typeof value === 'string' ? texts(value).map((text) => `${name} ${text}`) : [],
  );
  return (
    [kind, ...texts(fields.productDisplayName)].filter((text) => text !== '').join(': ') ||
    own.slice(0, 3).join(', ') ||
    `product ${id}`
  );
}

/** The text that stands for a grid in a terminal: how many images, and a line for each. */
export const gridText = (pictures: readonly Tile[], note = ''): string =>
  [
    note === '' ? plural(pictures.length, 'image') : note,
    ...pictures.map(({ row, data }) => itemLine(row, ...(urlOf(data) ? [] : [whyNot(data)]))),
  ].join('\n');

/** The line that stands for an image in a terminal. */
export const itemLine = (item: Shown, ...notes: readonly string[]): string =>
  [`  ${item.id}`, ...notes, altText(item)].join('  ').replace(/[\r\n]+/g, ' ');

/** A caption is no place for a longer text. */
const longest = 300;

const texts = (value: unknown, column = ''): string[] =>
  value === null || value === undefined || value === '' ? [] : [cut(valueText(value, column), longest)];
