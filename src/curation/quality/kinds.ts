import { blank } from './blank.js';
import { blurred } from './blurred.js';
import { bright } from './bright.js';
import { dark } from './dark.js';
import { greyscale } from './greyscale.js';
import type { Kind } from './kind.js';
import { lowContrast } from './low-contrast.js';
import { oddAspect } from './odd-aspect.js';
import { oddSize } from './odd-size.js';
import { twin } from './twin.js';
import { unreadable } from './unreadable.js';

/** What can be wrong with an image. All else reads this list. */
export const kinds = {
  unreadable,
  blank,
  dark,
  bright,
  lowContrast,
  blurred,
  greyscale,
  oddAspect,
  oddSize,
  twin,
} satisfies Record<string, Kind>;

/** What is wrong with an image. */
export type IssueKind = keyof typeof kinds;

export const kindNames = Object.keys(kinds) as readonly IssueKind[];
