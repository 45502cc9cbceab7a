import { fileURLToPath } from 'node:url';

/** The folder of the weights that ship with the kit, beside this code. */
export const shippedModel = fileURLToPath(new URL('./weights', import.meta.url));
