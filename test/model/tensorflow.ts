import { useBackend } from '../../src/model/index.js';

/** Whether tfjs-node is here; where it is, it is now the backend. Build it with scripts/tfjs-node.mjs. */
export const tensorflow = await useBackend('tensorflow').then(
  () => true,
  () => false,
);
