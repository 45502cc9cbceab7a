import { hash } from 'node:crypto';
import type { ProductId } from '../../catalogue/index.js';
import {
  checkEmbedded,
  type Embedded,
  type Projection,
  type ProjectOptions,
  project,
  type Scored,
} from '../../curation/index.js';
import type { Item } from '../../model/index.js';
import {
  count,
  type OnProgress,
  PipelineError,
  percent,
  plural,
  randomFrom,
  shuffled,
  Tracker,
} from '../../work/index.js';
import { mapScript, scriptJson } from '../browser.js';
import { countLabels, type Figure, type MapTrace, mapFigure } from '../charts/index.js';
import { type Columns, column, toColumns } from '../columns.js';
import { Html, html } from '../html.js';
import type { ImageSource } from '../images.js';
import { notebookProgress } from '../kernel/progress.js';
import { checkLimit } from '../limit.js';
import { type Sprites, spritesOf } from '../sprites.js';
import { mapGroups } from './map-groups.js';
import { styles } from './map-styles.js';

/**
 * How a map is arranged, coloured and drawn.
 *
 * @example
 * const options: MapOptions<Row> = { colour: { right: 'articleType' }, method: 'umap', size: 48 };
 * await show.map(scored, options);
 */
export interface MapOptions<T> extends ProjectOptions {
  /**
   * A column that the points are coloured by: its six most frequent values, or six intervals of its numbers; or, as
   * `{ right: 'articleType' }`, whether the model is right about an attribute. Default: one colour.
   */
  colour?: string | { readonly right: string } | undefined;
  /** Width and height in pixels of a thumbnail (default 64). */
  size?: number | undefined;
  /** How many images at most are on the map, drawn at random by the seed (default: all). */
  n?: number | undefined;
  /** How many of them at most have a thumbnail (default 4,000, some 3 MB). */
  thumbnails?: number | undefined;
  /** Where the images are (default: where they were as they were scored). */
  images?: ImageSource<T> | undefined;
  /** The variable of the data set, for the cell that is copied (default `dataset`). */
  name?: string | undefined;
}

/** A map: the chart, and what stands beside it. */
export interface ImageMap {
  figure: Figure<MapTrace>;
  html: string;
  /** Where each image lies, in the order of the items. */
  places: { id: ProductId; x: number; y: number }[];
}

const defaultThumbnails = 4000;
const defaultSize = 64;
/** A column of more values is not counted; nor are more columns than these. */
const mostValues = 300;
const mostColumns = 12;
/** Names are in the page where all of them have so many characters at most. */
const mostOfNames = 300_000;

/**
 * Arranges the images of a scored data set on a map, and makes the chart and the thumbnails beside it.
 *
 * @param inNotebook Whether thumbnails are needed: a terminal shows none.
 * @throws PipelineError as `project`; `show.unknownColumn`, `show.badLimit`, `show.badSize`, `show.badName`,
 * `curation.unknownAttribute`.
 */
export async function imageMap<T extends Item>(
  scored: Scored<T> | Embedded<T>,
  options: MapOptions<T>,
  inNotebook = true,
): Promise<ImageMap> {
  const { colour, n = Infinity, thumbnails = defaultThumbnails, seed = 0, signal, onProgress } = options;
  const { size = defaultSize, name = 'dataset' } = options;
  check({ n, thumbnails, size, name });
  checkEmbedded(scored, 'show.map');
  const columns = toColumns(scored.items);
  const drawn = shuffled([...scored.items.keys()], randomFrom(seed, 'map'));
  const places = drawn.slice(0, n).sort((a, b) => a - b);
  // What is wrong with the colour should be said now, not a minute later.
  const { groups, legend } = mapGroups(scored as Scored<T>, columns, places, colour);
  const all = await project(n < scored.items.length ? part(scored, places) : scored, options);
  const at = new Map(places.map((place, i) => [place, i]));
  const own = groups.map((group) => ({ ...group, places: group.places.map((place) => at.get(place) ?? 0) }));
  // In the order of the chart's points.
  const items = groups.flatMap((group) => group.places);
  const order = new Map(items.map((place, i) => [place, i]));
  const source = options.images ?? imagesOf(scored);
  const pictured = drawn.filter((place) => order.has(place)).slice(0, inNotebook && source ? thumbnails : 0);
  const tracker = pictured.length > 0 ? new Tracker('thumbnails', 'images', pictured.length, onProgress) : undefined;
  const sprites = await spritesOf(scored.items, pictured, source ?? [], size, { signal, tracker });
  tracker?.end();
  const ids = items.map((place) => columns.at('id', place));
  const variants = columns.names.includes('variant') ? items.map((place) => columns.at('variant', place)) : undefined;
  const key = hash('sha256', JSON.stringify([ids, variants, legend, all.method, seed])).slice(0, 16);
  const title = titleOf(items.length, scored.items.length, legend, all);
  const counted = countedColumns(columns, items);
  const data = {
    ids,
    variants,
    names: namesOf(columns, items),
    columns: legend !== undefined && typeof colour === 'object' ? [groupColumn(legend, groups), ...counted] : counted,
    thumbnails: { size, across: sprites.across, perSheet: sprites.perSheet, of: sprites.of.map((i) => order.get(i)) },
    name,
  };
  return {
    places: places.flatMap((place, i) =>
      scored.items
        .slice(place, place + 1)
        .map(({ id }) => ({ id, x: all.points[2 * i] ?? 0, y: all.points[2 * i + 1] ?? 0 })),
    ),
    figure: mapFigure(all.points, own, { title, legend, key }),
    html: mapHtml(key, data, sprites, source === undefined ? 0 : items.length),
  };
}

/** The progress of a map that takes long, below its cell. */
export const mapProgress = ({ items }: Embedded, { method }: ProjectOptions): OnProgress | undefined =>
  method === 'umap' || items?.length > 5000 ? notebookProgress() : undefined;

/** A scored data set knows where its images are. */
const imagesOf = <T extends Item>(scored: Scored<T> | Embedded<T>): ImageSource<T> | undefined =>
  'image' in scored && scored.image ? (item) => scored.image?.(item) ?? new Uint8Array() : undefined;

/** The embeddings of some items. */
function part<T extends Item>({ items, embeddings, dimensions }: Embedded<T>, places: readonly number[]): Embedded<T> {
  const some = new Float32Array(places.length * dimensions);
  for (const [to, from] of places.entries())
    some.set(embeddings.subarray(from * dimensions, (from + 1) * dimensions), to * dimensions);
  return { items: places.flatMap((i) => items.slice(i, i + 1)), embeddings: some, dimensions };
}

/** `5,000 of 39,930 images by usage (PCA, 31% of the variance)` */
function titleOf(
  shown: number,
  of: number,
  legend: string | undefined,
  { method, explained, seed }: Projection,
): string {
  const images = shown < of ? `${count(shown)} of ${plural(of, 'image')}` : plural(of, 'image');
  const how = method === 'umap' ? `UMAP, seed ${seed}` : `PCA, ${percent(explained ?? 0, 0)} of the variance`;
  return `${images}${legend === undefined ? '' : ` by ${legend}`} (${how})`;
}

/** The values of a column, and for each item the number of its own. */
interface CountedColumn {
  name: string;
  labels: string[];
  of: number[];
}

/** The columns whose values are counted among the images that were caught. */
function countedColumns(columns: Columns, items: readonly number[]): CountedColumn[] {
  const names = columns.names.filter((name) => !['id', 'imagePath', 'productDisplayName', 'variant'].includes(name));
  const counted = names.flatMap((name): CountedColumn[] => {
    const all = column(columns, name);
    const values = items.map((place) => all[place]);
    const { labels, indices } = countLabels(values, { column: name, limit: items.length });
    const telling = labels.length > 1 && labels.length <= Math.min(mostValues, Math.max(2, items.length / 2));
    return telling ? [{ name, labels: labels.map(({ label }) => label), of: [...indices] }] : [];
  });
  return counted.slice(0, mostColumns);
}

const groupColumn = (name: string, groups: readonly { name: string; places: readonly number[] }[]): CountedColumn => ({
  name,
  labels: groups.map((group) => group.name),
  of: groups.flatMap(({ places }, i) => places.map(() => i)),
});

/** What the products are called, where that is not too much for a page. */
function namesOf(columns: Columns, items: readonly number[]): string[] | undefined {
  if (!columns.names.includes('productDisplayName')) return undefined;
  const names = items.map((place) => String(columns.at('productDisplayName', place) ?? ''));
  return names.reduce((sum, { length }) => sum + length, 0) <= mostOfNames ? names : undefined;
}

function check({ n, thumbnails, size, name }: { n: number; thumbnails: number; size: number; name: string }): void {
  if (n !== Infinity) checkLimit(n);
  if (thumbnails !== 0) checkLimit(thumbnails);
  if (!(Number.isInteger(size) && size >= 8 && size <= 256))
    throw new PipelineError('show.badSize', `The size of thumbnails is ${size}; give 8 to 256 pixels.`, {
      value: size,
    });
  if (!/^[\p{L}_$][\p{L}\p{N}_$.]*$/u.test(name))
    throw new PipelineError('show.badName', `'${name}' is no name of a variable, such as jackets.`, { value: name });
}

/** `64 KB`, `2.9 MB` */
const bytesText = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;

const hint =
  'Draw around points to catch them (Shift adds more). A click on the legend hides a colour, a double click shows it ' +
  'alone.';

/** What stands beside the chart: the thumbnails of what is caught, how often each value is, and the cell to copy. */
function mapHtml(key: string, data: object, sprites: Sprites, images: number): string {
  const urls = sprites.sheets.map((sheet) => `data:image/webp;base64,${sheet.toString('base64')}`);
  const sheets = urls.map((url, i) => `.mlm-picture.mlm-${key}-${i} { background-image: url(${url}); }`).join('\n');
  const bytes = sprites.sheets.reduce((sum, { length }) => sum + length, 0);
  const size = `${sprites.size} x ${sprites.size} pixels, ${bytesText(bytes)}`;
  const some = sprites.of.length < images ? `${count(sprites.of.length)} of ` : '';
  const note =
    images === 0
      ? 'Where the images are is not known: { images: dataset } shows them.'
      : `Thumbnails of ${some}${plural(images, 'image')}, ${size}.`;
  return String(html`<div class="mlm" data-key="${key}" data-lm-suppress-shortcuts="true">
<script type="application/json">${scriptJson(data)}</script>
<style>${styles}
${new Html(sheets)}</style>
<div class="mlm-bar"><strong class="mlm-status" role="status" aria-live="polite"></strong>
<span class="mlm-tools"><button type="button" data-does="copy">Copy as cell</button>
<button type="button" data-does="clear">Clear</button></span></div>
<p class="mlm-hint">${hint}</p>
<div class="mlm-counts"></div>
<div class="mlm-pictures"></div>
<p class="mlm-note">${note}</p>
<details class="mlm-result"><summary>As a cell</summary><pre class="mlm-cell"></pre></details>
${mapScript()}</div>`);
}
