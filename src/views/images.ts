import { concurrently } from '../work/index.js';

/** Where the images of items come from: a function that returns an item's encoded image, or a data set. */
export type ImageSource<T> =
  | ((item: T) => Uint8Array | Promise<Uint8Array>)
  | { picture(item: T): Promise<{ data: Uint8Array }> };

/** The encoded images of items; an item whose image cannot be read is missing. */
export type Images<T> = ReadonlyMap<T, Uint8Array>;

/**
 * Reads the images of items, 32 at a time, each once. An item whose image cannot be read is left out; the page shows
 * that in its place.
 *
 * @example
 * const items = shoes.rows.slice(0, 6);
 * const images = await readImages(items, shoes);
 * items.map((item) => images.get(item)?.length); // bytes
 */
export async function readImages<T>(items: readonly T[], source: ImageSource<T>): Promise<Images<T>> {
  const read = async (item: T) => (typeof source === 'function' ? source(item) : (await source.picture(item)).data);
  const images = new Map<T, Uint8Array>();
  const keep = (item: T) =>
    read(item).then(
      (data) => void images.set(item, data),
      () => undefined,
    );
  await concurrently(new Set(items), keep, { concurrency: 32 });
  return images;
}
