import { type Aws, type Listed, list, md5 } from '../../aws/index.js';
import { imageExtensions } from '../../image/index.js';
import { extensionOf, imageKey, imagesPrefix, type ProductId } from '../id.js';
import { IdNumbers } from '../source/id-numbers.js';

/** The images of products that the bucket has already: a digest of each, by id and extension. */
export class KnownImages {
  readonly #etags = new Map(imageExtensions.map((extension) => [extension, new IdNumbers()]));

  /** The digest of a product's image; 0 where the bucket has none of that extension. */
  get = (id: ProductId, extension: string): number => this.#etags.get(extension)?.get(id) ?? 0;

  set(id: ProductId, extension: string, digest: number): void {
    this.#etags.get(extension)?.set(id, digest);
  }

  /** The keys of a product's images: one, but for what an interrupted seeding leaves of an image of another format. */
  keys(id: ProductId): string[] {
    return [...this.#etags].flatMap(([extension, etags]) => (etags.has(id) ? [imageKey(id, extension)] : []));
  }
}

/** So many listed images (some tens of megabytes) wait until it is known whose they are. */
const mostWaiting = 50_000;

/**
 * Lists the images in the bucket; returns the keys of those that are no product's.
 *
 * @param source Waits until the source is known, and returns a function by which to find the product whose image has a
 * key; that returns undefined where it is no product's of the source.
 */
export async function readKnownImages(
  aws: Aws,
  known: KnownImages,
  source: () => Promise<(key: string) => ProductId | undefined>,
  signal?: AbortSignal,
): Promise<string[]> {
  const others: string[] = [];
  let waiting: Listed[] = [];
  const note = async () => {
    const idOf = await source();
    for (const { key, etag } of waiting) {
      const [id, extension] = [idOf(key), extensionOf(key)];
      if (id === undefined || extension === undefined) others.push(key);
      else known.set(id, extension, fromHex(etag));
    }
    waiting = [];
  };
  for await (const listed of list(aws, imagesPrefix, signal)) if (waiting.push(listed) === mostWaiting) await note();
  await note();
  return others;
}

/** The first 48 bits of an MD5, plus 1 so that it is never 0. */
export const digest = (data: Uint8Array | string): number => fromHex(md5(data));
const fromHex = (hex: string): number => parseInt(hex.slice(0, 12), 16) + 1;
