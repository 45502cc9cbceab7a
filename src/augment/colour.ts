import { z } from 'zod';
import type { RawImage } from '../image/index.js';
import { define } from './definition.js';
import { between, type Chance, type Range, range } from './options.js';
import type { Transform } from './transform.js';

const change = (high: number) => range({ one: 'around', low: -high, high });
const number = z.number({ error: 'a number' });

export const brightnessContrastDefinition = define('brightnessContrast', {
  options: { brightness: change(1).default([-0.2, 0.2]), contrast: change(1).default([-0.2, 0.2]) },
  parameters: { brightness: number, contrast: number },
  draw: ({ brightness, contrast }, random) => ({
    brightness: between(random, brightness),
    contrast: between(random, contrast),
  }),
  apply(image, { brightness, contrast }) {
    const levels = new Uint8ClampedArray(256);
    for (let level = 0; level < 256; level++) levels[level] = level * (1 + contrast) + brightness * 255;
    const data = new Uint8Array(image.data.length);
    for (let at = 0; at < data.length; at++) data[at] = levels[image.data[at] ?? 0] ?? 0;
    return { ...image, data };
  },
});

export const hueSaturationDefinition = define('hueSaturation', {
  options: { hue: change(180).default([-20, 20]), saturation: change(1).default([-0.3, 0.3]) },
  parameters: { hue: number, saturation: number },
  draw: ({ hue, saturation }, random) => ({ hue: between(random, hue), saturation: between(random, saturation) }),
  apply: (image, { hue, saturation }) => mix(image, hueSaturationMatrix(hue, 1 + saturation)),
});

export const toGrayDefinition = define('toGray', {
  options: {},
  parameters: {},
  draw: () => ({}),
  apply: (image) => mix(image, [...luma601, ...luma601, ...luma601]),
});

/** How much brightness and contrast change. */
export interface BrightnessContrastOptions extends Chance {
  /** The fraction of full brightness that is added; one number is the most to either side. @default 0.2 */
  brightness?: Range;
  /** The fraction by which the levels are stretched; one number is the most to either side. @default 0.2 */
  contrast?: Range;
}

/**
 * Makes each level `level * (1 + contrast) + 255 * brightness`, as albumentations' RandomBrightnessContrast does.
 *
 * @throws PipelineError `augment.invalidOption`
 * @example
 * const lighting = brightnessContrast({ brightness: 0.2, contrast: [0, 0.3] });
 */
export const brightnessContrast = (options: BrightnessContrastOptions = {}): Transform =>
  brightnessContrastDefinition.transform(options);

/** How far hues turn, and how much the saturation changes. */
export interface HueSaturationOptions extends Chance {
  /** Degrees on the colour wheel; one number is the most to either side. @default 20 */
  hue?: Range;
  /** The fraction of colour that is added, where -1 makes grey; one number is the most to either side. @default 0.3 */
  saturation?: Range;
}

/**
 * Turns the hues and changes the saturation; greys and the luminance of each pixel stay the same.
 * The matrices of CSS's hue-rotate and saturate (W3C Filter Effects Module Level 1, section 9.5).
 *
 * @throws PipelineError `augment.invalidOption`
 * @example
 * const tinted = hueSaturation({ hue: 10, saturation: [-0.5, 0] });
 */
export const hueSaturation = (options: HueSaturationOptions = {}): Transform =>
  hueSaturationDefinition.transform(options);

/**
 * Makes the image grey by the luma of ITU-R BT.601, as Pillow's `convert('L')` does; it keeps its three channels.
 *
 * @throws PipelineError `augment.invalidOption`
 * @example
 * const sometimesGrey = toGray({ p: 0.1 });
 */
export const toGray = (options: Chance = {}): Transform => toGrayDefinition.transform(options);

const luma601 = [0.299, 0.587, 0.114];

/** Row by row, the shares of red, green and blue in the new red, green and blue. */
type ColourMatrix = readonly number[];

/** Luminance + saturation * (cos hue * colour + sin hue * colour turned by 90 degrees); colour is all but luminance. */
function hueSaturationMatrix(hue: number, saturation: number): ColourMatrix {
  const luminance = [0.213, 0.715, 0.072, 0.213, 0.715, 0.072, 0.213, 0.715, 0.072];
  const quarterTurn = [-0.213, -0.715, 0.928, 0.143, 0.14, -0.283, -0.787, 0.715, 0.072];
  const cos = saturation * Math.cos((hue * Math.PI) / 180);
  const sin = saturation * Math.sin((hue * Math.PI) / 180);
  return luminance.map((share, i) => share + cos * ((i % 4 === 0 ? 1 : 0) - share) + sin * (quarterTurn[i] ?? 0));
}

function mix(image: RawImage, matrix: ColourMatrix): RawImage {
  // Fixed-point, 16 bits of fraction.
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0] = matrix.map((share) =>
    Math.round(share * 65536),
  );
  const source = image.data;
  const data = new Uint8ClampedArray(source.length);
  for (let at = 0; at < data.length; at += 3) {
    const red = source[at] ?? 0;
    const green = source[at + 1] ?? 0;
    const blue = source[at + 2] ?? 0;
    data[at] = (a * red + b * green + c * blue + 32768) >> 16;
    data[at + 1] = (d * red + e * green + f * blue + 32768) >> 16;
    data[at + 2] = (g * red + h * green + i * blue + 32768) >> 16;
  }
  return { ...image, data: new Uint8Array(data.buffer) };
}
