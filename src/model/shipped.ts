import { fileURLToPath } from 'node:url';

/** The folder of the model that ships with the kit. */
export const shippedModel = fileURLToPath(new URL('./weights', import.meta.url));
