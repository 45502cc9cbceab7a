import { decodeImage, encodeJpeg, sizeOfImage } from '../image/index.js';
import { concurrently } from '../work/index.js';
import { dataUrl } from './html.js';
import type { Images } from './images.js';
import type { Pair } from './panels/compare.js';
import type { ImageBytes, Tile } from './tile.js';

/** Bytes of an image that an output carries as it is: a hundred of them are a notebook that every browser opens. */
const mostBytes = 32_000;

/** Pixels of the longer side of any other image: as wide as an image is once it is enlarged. */
const longerSide = 400;

/** Whether none of some images has to be made smaller before an output carries it. */
export const areThumbnails = (tiles: readonly Tile[]): boolean =>
  tiles.every(({ data }) => !(data instanceof Uint8Array) || isThumbnail(data));

const isThumbnail = (data: Uint8Array): boolean => data.length <= mostBytes && dataUrl(data) !== undefined;

/**
 * The images as an output carries them: one of many bytes, or of a format that browsers do not show, as a small JPEG;
 * the reason where it cannot be decoded.
 */
export async function thumbnails<T>(images: Images<T>): Promise<Images<T>> {
  const small = new Map<T, ImageBytes>();
  const keep = async ([item, data]: [T, ImageBytes]) => {
    const reason = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));
    small.set(item, data instanceof Error ? data : await thumbnailOf(data).catch(reason));
  };
  // Each one that is decoded may take some hundred megabytes.
  await concurrently([...images], keep, { concurrency: 4 });
  return small;
}

/** The same of images with their rows. */
export async function tileThumbnails(tiles: readonly Tile[]): Promise<Tile[]> {
  const images = await thumbnails(new Map(tiles.flatMap((tile) => (tile.data ? [[tile, tile.data] as const] : []))));
  return tiles.map((tile) => ({ row: tile.row, data: images.get(tile) }));
}

/** The same of images beside their variants. */
export const pairThumbnails = (pairs: readonly Pair[]): Promise<Pair[]> =>
  Promise.all(
    pairs.map(async (pair) => {
      const [before = pair.before, ...after] = await tileThumbnails([pair.before, ...pair.after]);
      return { ...pair, before, after };
    }),
  );

async function thumbnailOf(data: Uint8Array): Promise<Uint8Array> {
  if (isThumbnail(data)) return data;
  const { width, height } = await sizeOfImage(data);
  const scaled = async (longerSide: number) => {
    const scale = Math.min(1, longerSide / Math.max(width, height));
    const side = (length: number) => Math.max(1, Math.round(scale * length));
    return encodeJpeg(await decodeImage(data, { size: { width: side(width), height: side(height) } }), 80);
  };
  const large = await scaled(longerSide);
  // A photograph fits; noise does not.
  return large.length <= mostBytes ? large : scaled(longerSide / 2);
}
