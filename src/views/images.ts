import { concurrently } from '../work/index.js';
import { wrongKind } from './kinds.js';
import { type ImageBytes, isTiles, type Tile } from './tile.js';

/**
 * Where the images of items come from: a data set, pictures (by their ids), or a function that returns an item's
 * encoded image.
 */
export type ImageSource<T> =
  | ((item: T) => Uint8Array | Promise<Uint8Array>)
  | { picture(item: T): Promise<{ data: Uint8Array }> }
  | readonly Tile[];

/** The encoded images of items, or why one cannot be read; an item that has none is missing. */
export type Images<T> = ReadonlyMap<T, ImageBytes>;

/**
 * Reads the images of items, 32 at a time, each once. Where one cannot be read there is the error; the page shows
 * its reason in the image's place.
 *
 * @throws PipelineError `show.wrongKind` where the source is none.
 *
 * @example
 * const items = shoes.rows.slice(0, 6);
 * const images = await readImages(items, shoes);
 * items.filter((item) => images.get(item) instanceof Uint8Array).length; // 6
 */
export async function readImages<T>(items: readonly T[], source: ImageSource<T>): Promise<Images<T>> {
  const read = readerOf(source);
  const images = new Map<T, ImageBytes>();
  const keep = (item: T) =>
    Promise.resolve()
      .then(() => read(item))
      .then(
        (data) => void (data && images.set(item, data)),
        (error: unknown) => void images.set(item, error instanceof Error ? error : new Error(String(error))),
      );
  await concurrently(new Set(items), keep, { concurrency: 32 });
  return images;
}

/**
 * A function that returns an item's image.
 *
 * @throws PipelineError `show.wrongKind` where the source is none.
 */
export function readerOf<T>(
  source: ImageSource<T>,
): (item: T) => Promise<ImageBytes | undefined> | ImageBytes | undefined {
  if (typeof source === 'function') return source;
  if (isTiles(source)) {
    const images = new Map(source.map(({ row, data }) => [nameOf(row), data]));
    return (item) => images.get(nameOf(item));
  }
  if (typeof source === 'object' && source !== null && 'picture' in source)
    return async (item) => (await source.picture(item)).data;
  throw wrongKind(
    'Images come from a data set, from pictures, or from a function that returns the image of an item',
    source,
  );
}

/** What tells an image from others: its id and, of augmented ones, the variant. */
const nameOf = (item: unknown): string =>
  typeof item === 'object' && item !== null
    ? JSON.stringify([Reflect.get(item, 'id'), Reflect.get(item, 'variant') ?? null])
    : '';
