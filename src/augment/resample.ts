import type { RawImage } from '../image/index.js';

/** How one output position is computed along an axis: the weights of the input positions from `first` on. */
export interface Contribution {
  first: number;
  weights: number[];
}

/** The contributions to all output positions along one axis, packed: `count` weights each, as fixed-point integers. */
export interface Taps {
  outputs: number;
  count: number;
  starts: Int32Array;
  weights: Int32Array;
  /** Whether there are two weights each, neither below 0. */
  pairs: boolean;
}

// 255 * 2^22 leaves one bit of an int32 for the sign and one for kernels that overshoot.
const bits = 22;
const half = 1 << (bits - 1);

/** Packs contributions along an axis of `inputs` positions, each scaled to a sum of 1. */
export function packTaps(inputs: number, contributions: readonly Contribution[]): Taps {
  // At least two, the second of weight 0 if need be, so that `nearest` takes the fast path for pairs.
  const count = Math.min(inputs, Math.max(2, ...contributions.map(({ weights }) => weights.length)));
  const starts = new Int32Array(contributions.length);
  const weights = new Int32Array(contributions.length * count);
  contributions.forEach((contribution, output) => {
    const start = Math.min(contribution.first, inputs - count);
    const sum = contribution.weights.reduce((total, weight) => total + weight, 0);
    starts[output] = start;
    contribution.weights.forEach((weight, k) => {
      weights[output * count + contribution.first - start + k] = Math.round((weight / sum) * 2 ** bits);
    });
  });
  const pairs = count === 2 && weights.every((weight) => weight >= 0);
  return { outputs: contributions.length, count, starts, weights, pairs };
}

/** Computes the weighted sums along each row, then along each column; an axis without taps stays as it is. */
export function resample(image: RawImage, horizontal: Taps | undefined, vertical: Taps | undefined): RawImage {
  const across = horizontal === undefined ? image : alongRows(image, horizontal);
  return vertical === undefined ? across : alongColumns(across, vertical);
}

function alongRows({ data: source, width, height }: RawImage, taps: Taps): RawImage {
  const data = new Uint8ClampedArray(taps.outputs * height * 3);
  if (taps.pairs) blendPixels(source, data, width, taps);
  else sumPixels(source, data, width, taps);
  return { data: new Uint8Array(data.buffer), width: taps.outputs, height };
}

function alongColumns({ data: source, width, height }: RawImage, taps: Taps): RawImage {
  const stride = width * 3;
  const data = new Uint8ClampedArray(stride * taps.outputs);
  if (taps.pairs && stride % 4 === 0) {
    const { buffer, byteOffset } = source.byteOffset % 4 === 0 ? source : new Uint8Array(source);
    blendRows(
      new Uint32Array(buffer, byteOffset, (stride / 4) * height),
      new Uint32Array(data.buffer),
      stride / 4,
      taps,
    );
  } else sumRows(source, data, stride, taps);
  return { data: new Uint8Array(data.buffer), width, height: taps.outputs };
}

/** The value between `a` and `b`, by the fixed-point weight of `b`. */
const blend = (a: number, b: number, weight: number): number => a + ((Math.imul(b - a, weight) + half) >> bits);

/** Blends pairs of pixels, as every bilinear enlargement does, in half the time of `sumPixels`. */
function blendPixels(
  source: Uint8Array,
  data: Uint8ClampedArray,
  width: number,
  { outputs, starts, weights }: Taps,
): void {
  for (let row = 0, to = 0; to < data.length; row += width * 3) {
    for (let x = 0; x < outputs; x++, to += 3) {
      const at = row + (starts[x] ?? 0) * 3;
      const weight = weights[2 * x + 1] ?? 0;
      data[to] = blend(source[at] ?? 0, source[at + 3] ?? 0, weight);
      data[to + 1] = blend(source[at + 1] ?? 0, source[at + 4] ?? 0, weight);
      data[to + 2] = blend(source[at + 2] ?? 0, source[at + 5] ?? 0, weight);
    }
  }
}

const even = 0x00ff00ff;
const halves = 0x00800080;

/** Blends pairs of rows by weights of 8 bits: four bytes in a word at a time, two of them in one multiplication. */
function blendRows(source: Uint32Array, data: Uint32Array, stride: number, { outputs, starts, weights }: Taps): void {
  for (let y = 0, to = 0; y < outputs; y++) {
    const weight = ((weights[2 * y + 1] ?? 0) + (1 << (bits - 9))) >> (bits - 8);
    const start = (starts[y] ?? 0) * stride;
    for (let at = start; at < start + stride; at++, to++) {
      const upper = source[at] ?? 0;
      const lower = source[at + stride] ?? 0;
      const a = upper & even;
      const b = (upper >>> 8) & even;
      const blendedA = (a << 8) + Math.imul((lower & even) - a, weight) + halves;
      const blendedB = (b << 8) + Math.imul(((lower >>> 8) & even) - b, weight) + halves;
      data[to] = ((blendedA >>> 8) & even) | (blendedB & ~even);
    }
  }
}

/** Sums along rows, for any number of taps. */
function sumPixels(
  source: Uint8Array,
  data: Uint8ClampedArray,
  width: number,
  { outputs, count, starts, weights }: Taps,
): void {
  for (let row = 0, to = 0; to < data.length; row += width * 3) {
    for (let x = 0; x < outputs; x++, to += 3) {
      let from = row + (starts[x] ?? 0) * 3;
      let red = half;
      let green = half;
      let blue = half;
      for (let k = x * count; k < (x + 1) * count; k++, from += 3) {
        const weight = weights[k] ?? 0;
        red += Math.imul(source[from] ?? 0, weight);
        green += Math.imul(source[from + 1] ?? 0, weight);
        blue += Math.imul(source[from + 2] ?? 0, weight);
      }
      data[to] = red >> bits;
      data[to + 1] = green >> bits;
      data[to + 2] = blue >> bits;
    }
  }
}

/** Sums along columns, for any number of taps; a whole row at a time, so that memory is read in order. */
function sumRows(
  source: Uint8Array,
  data: Uint8ClampedArray,
  stride: number,
  { outputs, count, starts, weights }: Taps,
): void {
  const sums = new Int32Array(stride);
  for (let y = 0; y < outputs; y++) {
    sums.fill(half);
    for (let k = 0; k < count; k++) {
      const weight = weights[y * count + k] ?? 0;
      const row = ((starts[y] ?? 0) + k) * stride;
      for (let i = 0; i < stride; i++) sums[i] = (sums[i] ?? 0) + Math.imul(source[row + i] ?? 0, weight);
    }
    for (let i = 0, to = y * stride; i < stride; i++, to++) data[to] = (sums[i] ?? 0) >> bits;
  }
}
