import type { Random } from '../../work/index.js';
import type { Tones } from '../colours.js';
import type { Pattern } from '../rows.js';

/** What a drawing depends on. */
export interface Look {
  tones: Tones;
  pattern: Pattern;
  gender: string;
  random: Random;
}

/** Draws a product: an SVG fragment on a canvas of 240x320, the product centred at (120, 160). */
export type Draw = (look: Look) => string;

/** Draws at random whether something happens that happens with this probability. */
export const chance = (random: Random, probability: number): boolean => random() < probability;

/** A random number from `low` to `high`. */
export const between = (random: Random, low: number, high: number): number => low + random() * (high - low);

/** One of the items, each as likely as the others. */
export const oneOf = <T extends string | number | boolean>(random: Random, ...items: readonly [T, ...T[]]): T =>
  items[Math.floor(random() * items.length)] ?? items[0];

/** A line to a point, or a cubic curve with two control points to a point. */
export type Segment = readonly [number, number] | readonly [number, number, number, number, number, number];

/**
 * A closed outline that is symmetric about x = 120, as the `d` of an SVG path. The arguments are the right half from
 * top to bottom, as lines `[x, y]` and cubic curves `[x1, y1, x2, y2, x, y]`, in which x is the distance from the axis.
 */
export function mirrored(start: readonly [number, number], ...segments: readonly Segment[]): string {
  const right = (x: number, y: number) => `${round(120 + x)} ${round(y)}`;
  const left = (x: number, y: number) => `${round(120 - x)} ${round(y)}`;
  const down = [`M${right(...start)}`];
  const up: string[] = [];
  let from = start;
  let end = start;
  for (const segment of segments) {
    if (segment.length === 2) {
      down.push(`L${right(...segment)}`);
      up.unshift(`L${left(...from)}`);
      end = segment;
    } else {
      const [x1, y1, x2, y2, x, y] = segment;
      down.push(`C${right(x1, y1)} ${right(x2, y2)} ${right(x, y)}`);
      up.unshift(`C${left(x2, y2)} ${left(x1, y1)} ${left(...from)}`);
      end = [x, y];
    }
    from = end;
  }
  return `${down.join('')}L${left(...end)}${up.join('')}Z`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** A filled outline with a fine edge, without which white things would not show on a white ground. */
export const fill = (d: string, colour: string, edge: string): string =>
  `<path d="${d}" fill="${colour}" stroke="${edge}" stroke-width="1.6" stroke-opacity=".55"/>`;

/** A line: a seam, a strap, a lace. */
export const line = (d: string, colour: string, width: number, more = ''): string =>
  `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" ${more}/>`;

/** Makes a drawing look round and lit from the upper left, as cloth (with folds), leather, or something glossy. */
export const lit = (material: 'cloth' | 'leather' | 'gloss', content: string): string =>
  `<g filter="url(#${material})">${content}</g>`;

/** The soft shadow below something that stands or lies on the ground. */
export const groundShadow = (x: number, y: number, width: number): string =>
  `<ellipse cx="${x}" cy="${y}" rx="${width / 2}" ry="7" fill="#000" opacity=".33" filter="url(#soft)"/>`;

/** The fill of the product's cloth, with its pattern. */
export const cloth = 'url(#fabric)';
