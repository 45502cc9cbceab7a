/**
 * The base colours of the sample by their names in the catalogue, as red, green and blue from 0 to 255; each is near
 * the median of that colour in the real images.
 */
export const colours: Readonly<Record<string, readonly [number, number, number]>> = {
  Beige: [208, 184, 152],
  Black: [36, 36, 39],
  Blue: [62, 112, 190],
  Bronze: [150, 112, 78],
  Brown: [104, 66, 44],
  Charcoal: [72, 75, 80],
  Copper: [184, 115, 75],
  Cream: [238, 224, 188],
  Gold: [205, 166, 82],
  Green: [60, 142, 80],
  Grey: [145, 146, 149],
  Khaki: [160, 140, 98],
  Lavender: [182, 160, 214],
  Magenta: [200, 44, 124],
  Maroon: [118, 28, 44],
  Mustard: [206, 156, 46],
  'Navy Blue': [34, 44, 88],
  'Off White': [236, 231, 217],
  Olive: [98, 100, 54],
  Orange: [238, 122, 44],
  Peach: [246, 180, 148],
  Pink: [238, 122, 164],
  Purple: [112, 58, 138],
  Red: [202, 34, 44],
  Silver: [192, 195, 199],
  Steel: [160, 167, 174],
  Tan: [180, 126, 80],
  Teal: [22, 120, 124],
  'Turquoise Blue': [52, 178, 188],
  White: [240, 240, 240],
  Yellow: [246, 208, 52],
};

type Rgb = readonly [number, number, number];

/** The tones of a drawing, as CSS colours. */
export interface Tones {
  base: string;
  /** For lit edges and pale prints. */
  light: string;
  /** For seams, prints and soles in the same hue. */
  dark: string;
  /** For outlines and the insides of things. */
  deep: string;
  /** For what stands out on the base: prints, stripes, laces. */
  contrast: string;
}

/** The tones of a base colour; those of grey for an unknown name. */
export function tonesOf(baseColour: string): Tones {
  const base = colours[baseColour] ?? [145, 146, 149];
  const pale = luminance(base) > 150;
  return {
    base: css(base),
    light: css(mix(base, [255, 255, 255], 0.45)),
    dark: css(mix(base, [0, 0, 0], pale ? 0.18 : 0.32)),
    deep: css(mix(base, [0, 0, 0], pale ? 0.42 : 0.6)),
    contrast: css(pale ? mix(base, [30, 40, 70], 0.8) : mix(base, [255, 255, 255], 0.85)),
  };
}

const mix = (a: Rgb, b: Rgb, share: number): Rgb => [
  Math.round(a[0] + (b[0] - a[0]) * share),
  Math.round(a[1] + (b[1] - a[1]) * share),
  Math.round(a[2] + (b[2] - a[2]) * share),
];
const css = (rgb: Rgb): string => `rgb(${rgb.join(',')})`;
const luminance = ([r, g, b]: Rgb): number => 0.299 * r + 0.587 * g + 0.114 * b;
