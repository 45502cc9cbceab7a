import { PipelineError } from '../work/index.js';
import { type Tabular, toColumns } from './columns.js';
import { type ImageSource, type Images, readImages } from './images.js';
import { type Forms, put, putLater } from './kernel/output.js';
import { chosen } from './panels/grid.js';
import { type Paging, pageOf } from './panels/paging.js';
import { type RowImages, rowTiles } from './row-images.js';
import { areThumbnails, thumbnails, tileThumbnails } from './thumbnails.js';
import { type ImageBytes, isTiles, type Tile } from './tile.js';

/** Which images of how many an output has. */
type Page = Paging & { limit: number };

/**
 * The images of one page of what a view is given, and what to say of the others.
 *
 * @throws PipelineError `show.noImages` where rows have none; `show.wrongKind`; `show.badPage`.
 */
export function tilesOf(
  rows: Tabular,
  images: RowImages | undefined,
  page: Page,
): { read: () => Promise<readonly Tile[]>; given?: readonly Tile[]; note: string } {
  if (isTiles(rows) && images === undefined) {
    const { numbers, note } = pageOf(rows.length, page, 'images');
    const given = chosen(rows, numbers);
    return { read: () => Promise.resolve(given), given, note };
  }
  const { numbers, note } = pageOf(toColumns(rows).rows, page, 'images');
  const source = images ?? imagesOf(rows);
  if (source === undefined) {
    throw new PipelineError(
      'show.noImages',
      'Rows have no images in them. Say where theirs are: show.grid(rows, { images: dataset }).',
    );
  }
  return { read: () => rowTiles(rows, source, numbers), note };
}

/** Shows one page of images, at once where nothing has to be read. */
export function putTiles(
  rows: Tabular,
  images: RowImages | undefined,
  page: Page,
  forms: (tiles: readonly Tile[], note: string) => Forms,
): Promise<void> {
  const { read, given, note } = tilesOf(rows, images, page);
  if (given && areThumbnails(given)) return Promise.resolve(put(forms(given, note)));
  return putLater(async () => forms(await tileThumbnails(await read()), note));
}

/** Rows know where their images are where they are pictures, or where they are asked for from a data set. */
export function imagesOf(rows: Tabular): RowImages | undefined {
  if (isTiles(rows)) return rows;
  return 'picture' in rows && 'rows' in rows ? (rows as RowImages) : undefined;
}

/** Reads the images of items and shows a page of them; a terminal needs no images. */
export const putImages = <T>(
  items: readonly T[],
  source: ImageSource<T>,
  page: (images: Images<T>) => string,
  text: () => string,
): Promise<void> =>
  putRead(
    () => readImages(items, source),
    (images) => ({ 'text/html': () => page(images), 'text/plain': text }),
  );

/** Reads images and shows something with them; a terminal needs no images. */
export const putRead = <T>(read: () => Promise<Images<T>>, forms: (images: Images<T>) => Forms): Promise<void> =>
  putLater(async (inNotebook) => forms(inNotebook ? await thumbnails(await read()) : new Map<T, ImageBytes>()));
