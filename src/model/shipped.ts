import { fileURLToPath } from 'node:url';
import { packageRoot } from '../package-root.js';

/** The folder of the model that ships with the kit. */
export const shippedModel = fileURLToPath(new URL('dist/model/weights', packageRoot));
