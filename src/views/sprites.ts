import { resizeImage } from '../augment/index.js';
import { decodeImage, encodeImage, type RawImage, sizeOfImage } from '../image/index.js';
import { concurrently, type Tracker } from '../work/index.js';
import { type ImageSource, readerOf } from './images.js';

/** Thumbnails on sheets, and whose they are. */
export interface Sprites {
  /** Width and height in pixels of a thumbnail. */
  size: number;
  /** How many are side by side, and how many are on a sheet: one after the other, row by row. */
  across: number;
  perSheet: number;
  /** WebP images. */
  sheets: Buffer[];
  /** The place of each thumbnail's item among those given, sheet after sheet. */
  of: number[];
}

const across = 16;
const perSheet = across * across;
/** A small image is decoded whole sooner than at the size that is needed. */
const smallSide = 256;

/**
 * Makes thumbnails of items' images, on white. A page has few sheets, of which a browser decodes those that it shows.
 * Images that cannot be read have none.
 *
 * @param places The places of the items that get one.
 * @throws The reason of `signal` where it aborts; PipelineError `show.wrongKind` where the source is none.
 */
export async function spritesOf<T>(
  items: readonly T[],
  places: readonly number[],
  source: ImageSource<T>,
  size: number,
  { signal, tracker }: { signal?: AbortSignal | undefined; tracker?: Tracker | undefined } = {},
): Promise<Sprites> {
  const read = readerOf(source);
  const sprites: Sprites = { size, across, perSheet, sheets: [], of: [] };
  let thumbnails: { place: number; image: RawImage }[] = [];
  const finish = async () => {
    if (thumbnails.length === 0) return;
    sprites.of.push(...thumbnails.map(({ place }) => place));
    sprites.sheets.push(
      await sheetOf(
        thumbnails.map(({ image }) => image),
        size,
      ),
    );
    thumbnails = [];
  };
  for (let from = 0; from < places.length; from += perSheet) {
    const some = places.slice(from, from + perSheet);
    const made = await concurrently(
      some,
      async (place) => {
        const image = await Promise.resolve(items[place])
          .then((item) => (item === undefined ? undefined : read(item)))
          .then((data) => (data instanceof Uint8Array ? fitted(data, size) : undefined))
          .catch(() => undefined);
        tracker?.tick(1, image ? 0 : 1);
        return { place, image };
      },
      { concurrency: 16, signal },
    );
    signal?.throwIfAborted();
    for (const { place, image } of made) {
      if (image) thumbnails.push({ place, image });
      if (thumbnails.length === perSheet) await finish();
    }
  }
  await finish();
  return sprites;
}

/** An image no larger than a square, and as large as fits. */
async function fitted(data: Uint8Array, size: number): Promise<RawImage> {
  const whole = await sizeOfImage(data);
  const scale = size / Math.max(whole.width, whole.height);
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  const small = { width: side(whole.width), height: side(whole.height) };
  if (Math.max(whole.width, whole.height) > smallSide) return decodeImage(data, { size: small });
  return resizeImage(await decodeImage(data), small);
}

/** Images in the middles of the squares of a white sheet. */
function sheetOf(images: readonly RawImage[], size: number): Promise<Buffer> {
  const width = across * size;
  const height = Math.ceil(images.length / across) * size;
  const data = new Uint8Array(width * height * 3).fill(255);
  for (const [i, image] of images.entries()) {
    const left = (i % across) * size + Math.floor((size - image.width) / 2);
    const top = Math.floor(i / across) * size + Math.floor((size - image.height) / 2);
    for (let y = 0; y < image.height; y++)
      data.set(image.data.subarray(y * image.width * 3, (y + 1) * image.width * 3), ((top + y) * width + left) * 3);
  }
  return encodeImage({ data, width, height }, { format: 'webp', quality: 75 });
}
