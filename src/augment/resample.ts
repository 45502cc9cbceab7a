import type { RawImage } from '../image.js';

/** What one output position takes from the input: the weights of the input positions from `first` on. */
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
}

// 255 * 2^22 leaves one bit of an int32 for the sign and one for kernels that overshoot.
const bits = 22;
const half = 1 << (bits - 1);

/** Packs contributions along an axis of `inputs` positions, each scaled to a sum of 1. */
export function packTaps(inputs: number, contributions: readonly Contribution[]): Taps {
  // At least two (of weight 0 if need be), so that `nearest` goes the way of two taps.
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
  return { outputs: contributions.length, count, starts, weights };
}

/** Weighs the pixels of each row, then of each column; an axis without taps stays as it is. */
export function resample(image: RawImage, horizontal: Taps | undefined, vertical: Taps | undefined): RawImage {
  const across = horizontal === undefined ? image : alongRows(image, horizontal);
  return vertical === undefined ? across : alongColumns(across, vertical);
}

function alongRows({ data: source, width, height }: RawImage, { outputs, count, starts, weights }: Taps): RawImage {
  const data = new Uint8ClampedArray(outputs * height * 3);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < outputs; x++) {
      let from = (y * width + (starts[x] ?? 0)) * 3;
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
      to += 3;
    }
  }
  return { data: new Uint8Array(data.buffer), width: outputs, height };
}

function alongColumns({ data: source, width }: RawImage, taps: Taps): RawImage {
  const data = new Uint8ClampedArray(width * 3 * taps.outputs);
  if (taps.count === 2) blendRows(source, data, width * 3, taps);
  else sumRows(source, data, width * 3, taps);
  return { data: new Uint8Array(data.buffer), width, height: taps.outputs };
}

/** Two taps, as in every bilinear enlargement: without sums kept in between it takes half the time. */
function blendRows(
  source: Uint8Array,
  data: Uint8ClampedArray,
  stride: number,
  { outputs, starts, weights }: Taps,
): void {
  for (let y = 0; y < outputs; y++) {
    const upper = (starts[y] ?? 0) * stride;
    const lower = upper + stride;
    const upperWeight = weights[2 * y] ?? 0;
    const lowerWeight = weights[2 * y + 1] ?? 0;
    const to = y * stride;
    for (let i = 0; i < stride; i++) {
      const sum = Math.imul(source[upper + i] ?? 0, upperWeight) + Math.imul(source[lower + i] ?? 0, lowerWeight);
      data[to + i] = (sum + half) >> bits;
    }
  }
}

/** Any number of taps, a whole row at a time so that memory is read in its own order. */
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
