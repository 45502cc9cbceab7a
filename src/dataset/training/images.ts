import { pMapIterable } from 'p-map';
import { imageConcurrency, md5 } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import type { Item } from './items.js';

/** The image of an item, or why there is none. */
export interface Fetched {
  readonly item: Item;
  readonly data?: Uint8Array;
  readonly error?: unknown;
}

/** The images of items in their order, some fetched ahead. */
export const fetched = (items: readonly Item[], signal: AbortSignal | undefined): AsyncIterable<Fetched> =>
  pMapIterable(
    items,
    async (item): Promise<Fetched> => {
      try {
        return { item, data: await fetchImage(item, signal) };
      } catch (error) {
        return { item, error };
      }
    },
    { concurrency: imageConcurrency, backpressure: imageConcurrency },
  );

/**
 * The image of an item, as it was when the data set was made.
 *
 * @throws PipelineError `write.otherImage` where it was replaced since.
 */
export async function fetchImage(item: Item, signal: AbortSignal | undefined): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const data = await item.image(signal);
  if (item.md5 === undefined || md5(data) === item.md5) return data;
  throw new PipelineError(
    'write.otherImage',
    `${item.row.imagePath} was replaced since the data set was made. Run its query again.`,
    { value: item.row.imagePath },
  );
}
