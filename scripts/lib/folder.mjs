// What the scripts that read a data set folder share.
import { folderSource } from '../../dist/index.js';
import { count, RowReport } from '../../dist/internal.js';
import { UsageError } from './options.mjs';

/** @import { Product, RowReason } from '../../dist/index.js' */

/** The option for the encoding of a CSV. */
export const encoding = /** @type {const} */ ({
  type: 'string',
  value: 'NAME',
  help: 'the encoding of the CSV, such as windows-1252; default: as its byte order mark says, else UTF-8',
});

/**
 * The folder as a source, with its products that have an image: the first `limit` of them. Says on stderr which rows
 * were left out for making no sense.
 *
 * @param {string | undefined} folder
 * @param {{ limit?: number | undefined, signal: AbortSignal, encoding?: string | undefined }} options
 */
export async function openFolder(folder, { limit = Infinity, signal, encoding }) {
  if (folder === undefined) throw new UsageError('The folder with styles.csv and images/ is missing');
  const source = await folderSource(folder, { encoding });
  const report = new RowReport();
  /** @type {Product[]} */
  const products = [];
  for await (const product of source.products(signal, (problem) => report.add(problem))) {
    if (products.length >= limit) break;
    products.push(product);
  }
  printReasons(report.reasons.filter(({ kind }) => kind === 'malformed'));
  return { source, products };
}

/**
 * Why rows were left out or changed, a line each on stderr.
 *
 * @param {readonly RowReason[]} reasons
 */
export function printReasons(reasons) {
  for (const reason of reasons) console.error(reasonInWords(reason));
}

/** `3 rows left out: line 12: the year 'x' is not …` @param {RowReason} reason */
export const reasonInWords = ({ rows, kind, line, reason }) =>
  `${count(rows)} ${rows === 1 ? 'row' : 'rows'} ${kind === 'repaired' ? 'repaired' : 'left out'}` +
  `${rows === 1 ? '' : ', the first'} in line ${line}: ${reason}`;
