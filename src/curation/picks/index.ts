import { balanced } from './balanced.js';
import { diverse } from './diverse.js';
import { random } from './random.js';
import { typical } from './typical.js';
import { uncertain } from './uncertain.js';
import type { Way } from './way.js';

export type { Choice, Way } from './way.js';

/** The ways to pick. All else reads this list. */
export const ways = { random, balanced, diverse, uncertain, typical } satisfies Record<string, Way>;

/** How items are picked. */
export type PickBy = keyof typeof ways;
