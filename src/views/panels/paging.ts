import { count, PipelineError } from '../../work/index.js';

/** Which part of many things is shown. */
export interface Paging {
  /** How many at most are shown. */
  limit?: number;
  /** Which page of so many (default: the first, 1). */
  page?: number;
}

/**
 * The numbers of the things on a page, and what to say of the others: nothing where all are shown.
 *
 * @throws PipelineError `show.badPage` where there is no such page, or `limit` is not a whole number above 0.
 *
 * @example
 * pageOf(2542, { limit: 100, page: 2 }, 'images').note; // '101 to 200 of 2,542 images; …'
 */
export function pageOf(
  total: number,
  { limit, page = 1 }: Paging & { limit: number },
  unit: string,
): { numbers: number[]; note: string } {
  const pages = Math.max(1, Math.ceil(total / limit));
  if (!(Number.isInteger(limit) && limit > 0 && Number.isInteger(page) && page >= 1 && page <= pages)) {
    const [value, remedy] =
      Number.isInteger(limit) && limit > 0
        ? [page, `There are ${count(pages)} pages of ${count(limit)} ${unit}, from 1; page ${page} is not one.`]
        : [limit, `The limit is ${limit}; it must be a whole number above 0.`];
    throw new PipelineError('show.badPage', remedy, { value });
  }
  const from = (page - 1) * limit;
  const to = Math.min(total, from + limit);
  const next = page < pages ? `; { page: ${page + 1} } shows the next ones` : '';
  return {
    numbers: Array.from({ length: to - from }, (_, i) => from + i),
    note: pages === 1 ? '' : `${count(from + 1)} to ${count(to)} of ${count(total)} ${unit}${next}.`,
  };
}
