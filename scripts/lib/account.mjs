import { identity } from '../../dist/internal.js';

/** @import { Aws } from '../../dist/index.js' */

/** On a real account, the first line says whose it is. @param {Aws} aws */
export async function announce(aws) {
  if (aws.real) console.error(`Working in ${await identity(aws)}.`);
}
