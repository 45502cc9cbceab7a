// The command of curate that needs no model: what is wrong with images.
import { inspect } from '../../dist/index.js';
import { count, hasRows, imagePage, issueItems, issuesHtml, readImages, thumbnails } from '../../dist/internal.js';
import { UsageError } from '../lib/cli.mjs';
import { openFolder } from '../lib/folder.mjs';
import { formatTable } from '../lib/table.mjs';

/**
 * @import { InspectOptions, Inspection } from '../../dist/index.js'
 * @typedef {{ limit?: number | undefined, products?: number | undefined, encoding?: string | undefined }} Values
 */

/**
 * What is wrong with the images of a folder, as the other commands of curate return what they have found.
 *
 * @param {string | undefined} folder
 * @param {Values & InspectOptions & { signal: AbortSignal }} options
 */
export async function issues(folder, { limit = 6, products, encoding, ...options }) {
  if (folder === undefined) throw new UsageError('The folder with the images is missing');
  const inspection = (await hasRows(folder))
    ? await inspectProducts(folder, { products, encoding, ...options })
    : await inspect(folder, options);
  const { issues, counts } = inspection;
  const shown = counts.flatMap(({ kind }) => issues.filter((issue) => issue.kind === kind).slice(0, limit));
  const cut = shown.length < issues.length ? `; the worst ${count(limit)} of each are shown (--json prints all)` : '';
  const about = `${inspection}${cut}.`;
  return {
    about,
    table: formatTable(
      ['id', 'issue', 'score', 'measured', 'product'],
      shown.map(({ item, kind, score, words, like }) => [
        String(item.id),
        kind,
        score.toFixed(2),
        like === undefined ? words : `the same as ${like.id}`,
        String(Reflect.get(item, 'productDisplayName') ?? ''),
      ]),
    ),
    lines: issues.map(({ item, like, ...issue }) => ({ id: item.id, ...issue, ...(like && { like: like.id }) })),
    async page() {
      const images = await readImages(issueItems(inspection, { limit }), (item) => inspection.image(item));
      return imagePage('Issues', folder, issuesHtml(inspection, await thumbnails(images), { limit }));
    },
  };
}

/**
 * @param {string} folder
 * @param {Values & InspectOptions & { signal: AbortSignal }} options
 * @returns {Promise<Inspection>}
 */
async function inspectProducts(folder, { products: limit, encoding, ...options }) {
  const { source, products } = await openFolder(folder, { limit, signal: options.signal, encoding });
  const some = {
    ...source,
    async *products() {
      yield* products;
    },
  };
  return inspect(some, options);
}

/**
 * The thresholds of `dark=0.3`, `blurred=0.6`.
 *
 * @param {readonly string[] | undefined} given
 * @returns {InspectOptions['thresholds']}
 */
export function thresholdsFrom(given = []) {
  return Object.fromEntries(
    given.map((text) => {
      const [kind = '', value = ''] = text.split('=');
      if (value.trim() === '') throw new UsageError(`--threshold has '${text}'; give something like dark=0.3`);
      return [kind.trim(), Number(value)];
    }),
  );
}
