import { concurrently } from '../work/index.js';

/** Where the images of items come from: a function that gives an item's, encoded, or a data set. */
export type ImageSource<T> =
  | ((item: T) => Uint8Array | Promise<Uint8Array>)
  | { picture(item: T): Promise<{ data: Uint8Array }> };

/** The encoded images of some items, those left out that cannot be read. */
export type Images<T> = ReadonlyMap<T, Uint8Array>;

/**
 * Reads the images of items, some at a time, each once. One that cannot be read is left out, for the page to say so in
 * its place.
 *
 * @example
 * const images = await imagesOf(dataset.rows.slice(0, 6), dataset);
 */
export async function imagesOf<T>(items: readonly T[], source: ImageSource<T>): Promise<Images<T>> {
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
