import type Sharp from 'sharp';

let loaded: Promise<typeof Sharp> | undefined;

/** Loads sharp when it is first needed: importing it with the kit would make the kit's import a sixth slower. */
export const loadSharp = (): Promise<typeof Sharp> => (loaded ??= load());

async function load(): Promise<typeof Sharp> {
  const { default: sharp } = await import('sharp');
  // libvips caches operations, but no two calls here repeat one: the cache costs a fifth of the time of a small image.
  sharp.cache(false);
  return sharp;
}
