// What the scripts that read a data set folder share.
import { folderSource } from '../../dist/index.js';
import { UsageError } from './options.mjs';

/** @import { Product } from '../../dist/index.js' */

/**
 * The folder as a source, with its products that have an image: the first `limit` of them.
 *
 * @param {string | undefined} folder
 * @param {{ limit?: number | undefined, signal: AbortSignal }} options
 */
export async function openFolder(folder, { limit = Infinity, signal }) {
  if (folder === undefined) throw new UsageError('The folder with styles.csv and images/ is missing');
  const source = await folderSource(folder);
  /** @type {Product[]} */
  const products = [];
  for await (const product of source.products(signal)) {
    if (products.length >= limit) break;
    products.push(product);
  }
  return { source, products };
}
