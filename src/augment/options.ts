import { z } from 'zod';
import type { Random } from '../work/index.js';

/** An option that every transform has. */
export interface Chance {
  /** The probability that the transform is applied, from 0 to 1. @default 1 */
  p?: number;
}

/**
 * The two ends of a range that the value is drawn from evenly, or one number, whose meaning each option documents.
 */
export type Range = number | readonly [low: number, high: number];

/** A colour: a grey level, or red, green and blue; each from 0 to 255. */
export type Fill = number | readonly [red: number, green: number, blue: number];

export const probability = z
  .number({ error: 'a probability from 0 to 1' })
  .min(0, 'a probability from 0 to 1')
  .max(1, 'a probability from 0 to 1');

export const integer = (low: number, high: number) => {
  const expected = `a whole number from ${low} to ${high}`;
  return z.int({ error: expected }).min(low, expected).max(high, expected);
};

/** A width or a height. More than 16,384 pixels is surely a mistake, and needs more memory than a laptop has. */
export const pixels = integer(1, 16_384);

interface RangeLimits {
  /** `single`: one number is that exact value; `around`: one number is the most to either side of 0. */
  one: 'single' | 'around';
  low: number;
  high: number;
  whole?: boolean;
}

/** A schema of a range within limits; its output is the long form `[low, high]`. */
export function range({ one, low, high, whole = false }: RangeLimits) {
  const expected = `${whole ? 'a whole number' : 'a number'} or [low, high], from ${low} to ${high}`;
  const end = whole ? z.int() : z.number();
  const ends = (given: number | [number, number]): [number, number] => {
    if (typeof given !== 'number') return given;
    return one === 'single' ? [given, given] : [-Math.abs(given), Math.abs(given)];
  };
  return z
    .union([end, z.tuple([end, end])], { error: expected })
    .refine((given) => low <= ends(given)[0] && ends(given)[0] <= ends(given)[1] && ends(given)[1] <= high, {
      error: expected,
    })
    .transform(ends);
}

export const between = (random: Random, [low, high]: readonly [number, number]): number =>
  low + random() * (high - low);

const level = z.int().min(0).max(255);

/** A schema of a colour; its output is the long form `[red, green, blue]`. */
export const fill = z.union(
  [level.transform((grey): [number, number, number] => [grey, grey, grey]), z.tuple([level, level, level])],
  {
    error: 'a grey level or [red, green, blue], from 0 to 255',
  },
);

/** The background of product photographs, and of transparent images when they are decoded. */
export const white: [number, number, number] = [255, 255, 255];
