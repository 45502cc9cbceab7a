import { PipelineError } from '../work/index.js';
import type { Size } from './raw-image.js';

/** The most pixels of an image that is decoded or made: 300 MB of RGB. */
export const maxPixels = 100e6;

const megapixels = (pixels: number): string => `${Math.round(pixels / 1e5) / 10} megapixels`;

/** @throws PipelineError `image.tooLarge` for an image of more pixels than the kit decodes or makes. */
export function checkPixels({ width, height }: Size): void {
  if (width * height <= maxPixels) return;
  throw new PipelineError(
    'image.tooLarge',
    `The image has ${width}x${height} pixels, ${megapixels(width * height)}; the kit takes up to ` +
      `${megapixels(maxPixels)}. Scale it down, or leave it out.`,
    { value: { width, height } },
  );
}

/**
 * Returns a function that does some work on so many pixels as soon as there is room: on one image of `maxPixels` at a
 * time, or on many that have no more together. So memory has a bound, however many images come at once. Work that comes
 * first begins first.
 */
export function pixelRoom(): <T>(pixels: number, work: () => Promise<T>) => Promise<T> {
  let used = 0;
  const waiting: { pixels: number; begin: () => void }[] = [];
  const next = () => {
    for (let [first] = waiting; first && (used === 0 || used + first.pixels <= maxPixels); [first] = waiting) {
      waiting.shift();
      used += first.pixels;
      first.begin();
    }
  };
  return async (pixels, work) => {
    if (waiting.length === 0 && (used === 0 || used + pixels <= maxPixels)) used += pixels;
    else await new Promise<void>((begin) => waiting.push({ pixels, begin }));
    try {
      return await work();
    } finally {
      used -= pixels;
      next();
    }
  };
}
