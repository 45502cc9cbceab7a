import { z } from 'zod';
import type { Random } from '../work/index.js';
import { define } from './definition.js';
import { between, type Chance, type Fill, fill, type Range, range, white } from './options.js';
import type { Transform } from './transform.js';
import { warp } from './warp.js';

const degrees = range({ one: 'around', low: -360, high: 360 });
const number = z.number({ error: 'a number' });
const pair = z.tuple([number, number], { error: 'two numbers' });
/** Draws two numbers, for x and for y. */
const twice = (random: Random, range: readonly [number, number]): [number, number] => [
  between(random, range),
  between(random, range),
];

const scale = { low: 0.01, high: 100 };

export const rotateDefinition = define('rotate', {
  options: { limit: degrees.default([-90, 90]), fill: fill.default(white) },
  parameters: { angle: number, fill },
  draw: ({ limit, fill }, random) => ({ angle: between(random, limit), fill }),
  apply: (image, { angle, fill }) => warp(image, { scale: 1, shear: [0, 0], rotate: angle, translate: [0, 0] }, fill),
});

export const affineDefinition = define('affine', {
  options: {
    scale: range({ one: 'single', ...scale }).default([1, 1]),
    translate: range({ one: 'around', low: -1, high: 1 }).default([0, 0]),
    rotate: degrees.default([0, 0]),
    shear: range({ one: 'around', low: -80, high: 80 }).default([0, 0]),
    fill: fill.default(white),
  },
  parameters: { scale: number.min(scale.low).max(scale.high), translate: pair, rotate: number, shear: pair, fill },
  draw: ({ scale, translate, rotate, shear, fill }, random) => ({
    scale: between(random, scale),
    translate: twice(random, translate),
    rotate: between(random, rotate),
    shear: twice(random, shear),
    fill,
  }),
  apply: (image, { fill, ...placement }) => warp(image, placement, fill),
});

/** How far an image is turned. */
export interface RotateOptions extends Chance {
  /** Degrees anticlockwise; one number is the greatest angle to either side. @default 90 */
  limit?: Range;
  /** The colour of the corners that the turned image leaves empty. @default 255 */
  fill?: Fill;
}

/** How far an image is scaled, sheared, turned and shifted. */
export interface AffineOptions extends Chance {
  /** A factor from 0.01 to 100; one number is that exact factor. @default 1 */
  scale?: Range;
  /** A fraction of width and of height, drawn for each; one number is the farthest to either side. @default 0 */
  translate?: Range;
  /** Degrees anticlockwise; one number is the greatest angle to either side. @default 0 */
  rotate?: Range;
  /** Degrees, from -80 to 80, drawn for x and for y; one number is the greatest to either side. @default 0 */
  shear?: Range;
  /** The colour of what the moved image leaves empty. @default 255 */
  fill?: Fill;
}

/**
 * Turns the image about its middle. Its size stays the same; pixels that leave it are lost.
 *
 * @throws PipelineError `augment.invalidOption`
 * @example
 * const tilted = rotate({ limit: 15, p: 0.5 });
 */
export const rotate = (options: RotateOptions = {}): Transform => rotateDefinition.transform(options);

/**
 * Scales, shears, turns and shifts the image about its middle, in this order. Its size stays the same; pixels that
 * leave it are lost. Each of the four happens only if its option is given.
 *
 * @throws PipelineError `augment.invalidOption`
 * @example
 * const moved = affine({ scale: [0.9, 1.1], translate: 0.05, rotate: 10, shear: 5 });
 */
export const affine = (options: AffineOptions = {}): Transform => affineDefinition.transform(options);
