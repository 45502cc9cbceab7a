import { resizeImage } from '../../src/augment/index.js';
import type { IssueKind } from '../../src/curation/index.js';
import { decodeImage, encodeJpeg, type RawImage } from '../../src/image/index.js';
import { type Random, randomFrom, randomInteger } from '../../src/work/random.js';

const between = (random: Random, low: number, high: number): number => low + (high - low) * random();

/** Each value of an image by a function. */
const changed = ({ data, ...size }: RawImage, change: (value: number) => number): RawImage => ({
  ...size,
  data: Uint8Array.from(data, (value) => Math.max(0, Math.min(255, Math.round(change(value))))),
});

/** Blurred by a Gaussian of so many pixels; what lies outside is as the edge is. */
function blurred({ data, width, height }: RawImage, sigma: number): RawImage {
  const radius = Math.ceil(3 * sigma);
  const kernel = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)));
  const sum = kernel.reduce((a, b) => a + b, 0);
  const pass = (from: Float64Array, dx: number, dy: number) => {
    const to = new Float64Array(from.length);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < 3; c++)
          kernel.forEach((weight, i) => {
            const px = Math.max(0, Math.min(width - 1, x + dx * (i - radius)));
            const py = Math.max(0, Math.min(height - 1, y + dy * (i - radius)));
            const at = (y * width + x) * 3 + c;
            to[at] = (to[at] ?? 0) + (weight / sum) * (from[(py * width + px) * 3 + c] ?? 0);
          });
    return to;
  };
  return changed({ data: Uint8Array.from(pass(pass(Float64Array.from(data), 1, 0), 0, 1)), width, height }, (v) => v);
}

/** Defects, by their kinds: what each makes of an image. A twin is another image. */
export const defects: Record<
  Exclude<IssueKind, 'twin'>,
  (image: RawImage, random: Random, bytes: Uint8Array) => RawImage | Uint8Array
> = {
  dark: (image, random) => {
    const factor = between(random, 0.1, 0.35);
    return changed(image, (value) => value * factor);
  },
  bright: (image, random) => {
    const factor = between(random, 0.05, 0.08);
    return changed(image, (value) => 255 - (255 - value) * factor);
  },
  lowContrast: (image, random) => {
    const factor = between(random, 0.08, 0.2);
    const middle = between(random, 100, 160);
    return changed(image, (value) => middle + (value - 160) * factor);
  },
  blurred: (image, random) => blurred(image, between(random, 1.5, 3)),
  blank: (image, random) => {
    const colour = [0, 1, 2].map(() => randomInteger(random, 2, 253));
    return { ...image, data: image.data.map((_, i) => (colour[i % 3] ?? 0) + randomInteger(random, -2, 2)) };
  },
  greyscale: ({ data, ...size }) => ({
    ...size,
    data: data.map((_, i) => {
      const [r = 0, g = 0, b = 0] = data.subarray(i - (i % 3), i - (i % 3) + 3);
      return Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    }),
  }),
  oddAspect: (image, random) => {
    const factor = between(random, 1.6, 3);
    const [width, height] = random() < 0.5 ? [60 * factor, 80 / factor] : [60 / factor, 80 * factor];
    return resizeImage(image, { width: Math.round(width), height: Math.round(height) }, 'nearest');
  },
  oddSize: (image, random) => {
    const factor = between(random, 1.8, 4);
    const scale = random() < 0.5 ? factor : 1 / factor;
    return resizeImage(image, { width: Math.round(60 * scale), height: Math.round(80 * scale) }, 'nearest');
  },
  unreadable: (_, random, bytes) => {
    const cut = bytes.subarray(0, Math.floor(bytes.length * between(random, 0.1, 0.8)));
    const [some] = [
      [cut, new Uint8Array(bytes.length), Buffer.from('<html>not found</html>')][randomInteger(random, 0, 2)],
    ];
    return some ?? cut;
  },
};

/** An encoded image with a defect. */
export async function withDefect(kind: keyof typeof defects, bytes: Uint8Array, seed: number): Promise<Uint8Array> {
  const random = randomFrom(seed, 'defect', kind, bytes.length);
  const made = defects[kind](await decodeImage(bytes), random, bytes);
  return made instanceof Uint8Array ? made : encodeJpeg(made, 90);
}
