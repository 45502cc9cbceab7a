import type { Kind } from './kind.js';

/** It is not there, or does not decode. */
export const unreadable: Kind = {
  title: 'unreadable',
  judge: () => ({
    score: ({ reason }) => (reason === undefined ? 0 : 1),
    words: ({ reason }) => reason ?? '',
  }),
};
