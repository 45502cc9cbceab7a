import { z } from 'zod';
import type { RawImage, Size } from '../image/index.js';
import { define } from './definition.js';
import { type Chance, pixels } from './options.js';
import { type Contribution, packTaps, resample, type Taps } from './resample.js';
import type { Transform } from './transform.js';

/** How a resized pixel is computed from its neighbours. */
export type Kernel = 'nearest' | 'bilinear' | 'bicubic';

interface KernelFunction {
  /** How far it reaches, in input pixels. */
  support: number;
  /** Whether it widens when the image shrinks, so that it takes every input pixel into account. */
  antialias: boolean;
  weight(distance: number): number;
}

const kernels: Record<Kernel, KernelFunction> = {
  nearest: { support: 0.5, antialias: false, weight: () => 1 },
  bilinear: { support: 1, antialias: true, weight: (distance) => Math.max(0, 1 - Math.abs(distance)) },
  bicubic: { support: 2, antialias: true, weight: cubic },
};

const kernel = z.enum(['nearest', 'bilinear', 'bicubic'], { error: "'nearest', 'bilinear' or 'bicubic'" });

export const resizeDefinition = define('resize', {
  options: { width: pixels, height: pixels, kernel: kernel.default('bilinear') },
  parameters: { width: pixels, height: pixels, kernel },
  draw: (options) => options,
  sizeAfter: ({ width, height }) => ({ width, height }),
  apply: (image, { width, height, kernel }) => resizeImage(image, { width, height }, kernel),
});

/** How a resized image is computed. */
export interface ResizeOptions extends Chance {
  /** @default 'bilinear' */
  kernel?: Kernel;
}

/**
 * Scales the image to `width` x `height` pixels, whatever its proportions. By the convention of Pillow's
 * `Image.resize`, pixel centres lie at halves, and `bilinear` and `bicubic` take every pixel into account when they
 * shrink.
 *
 * @throws PipelineError `augment.invalidOption`
 * @example
 * const model = resize(60, 80, { kernel: 'bicubic' });
 */
export const resize = (width: number, height: number, options: ResizeOptions = {}): Transform =>
  resizeDefinition.transform({ width, height, ...options });

/** Returns the image at another size. */
export function resizeImage(image: RawImage, { width, height }: Size, kernel: Kernel = 'bilinear'): RawImage {
  return resample(image, knownTaps(image.width, width, kernel), knownTaps(image.height, height, kernel));
}

/**
 * Taps by size: the images of a data set have few sizes, and computing the taps of a small image takes as long as it.
 */
const known = new Map<string, Taps | undefined>();

function knownTaps(inputs: number, outputs: number, kernel: Kernel): Taps | undefined {
  const key = `${kernel} ${inputs} ${outputs}`;
  if (!known.has(key)) {
    if (known.size >= 64) known.clear();
    known.set(key, taps(inputs, outputs, kernels[kernel]));
  }
  return known.get(key);
}

function taps(inputs: number, outputs: number, { support, antialias, weight }: KernelFunction): Taps | undefined {
  if (inputs === outputs) return undefined;
  const scale = inputs / outputs;
  const stretch = antialias ? Math.max(scale, 1) : 1;
  const contributions: Contribution[] = [];
  for (let output = 0; output < outputs; output++) {
    const centre = (output + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - support * stretch + 0.5));
    const end = Math.min(inputs, Math.floor(centre + support * stretch + 0.5));
    const weights: number[] = [];
    for (let input = first; input < end; input++) weights.push(weight((input + 0.5 - centre) / stretch));
    contributions.push({ first, weights });
  }
  return packTaps(inputs, contributions);
}

/** Keys' cubic convolution with a = -0.5 (IEEE Trans. ASSP 29, 1981). */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}
