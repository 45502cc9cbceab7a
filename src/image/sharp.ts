import type Sharp from 'sharp';

let loaded: Promise<typeof Sharp> | undefined;

/** sharp, loaded when it is first needed: importing the kit would take a sixth longer with it. */
export const loadSharp = (): Promise<typeof Sharp> => (loaded ??= load());

async function load(): Promise<typeof Sharp> {
  const { default: sharp } = await import('sharp');
  // No two calls share an operation here, so keeping them only costs: a fifth of the time of decoding a small image.
  sharp.cache(false);
  return sharp;
}
