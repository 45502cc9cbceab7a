import type { Way } from './way.js';

/** Any, each as likely as another. */
export const random: Way = { pick: ({ drawn, n }) => drawn.slice(0, n) };
