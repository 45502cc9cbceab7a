import { count, PipelineError } from '../../work/index.js';
import { checkLimit } from '../limit.js';

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
 * @throws PipelineError `show.badPage` where there is no such page, `show.badLimit`.
 *
 * @example
 * pageOf(2542, { limit: 100, page: 2 }, 'images').note; // '101 to 200 of 2,542 images; …'
 */
export function pageOf(
  total: number,
  { limit, page = 1 }: Paging & { limit: number },
  unit: string,
): { numbers: number[]; note: string } {
  checkLimit(limit);
  const pages = Math.max(1, Math.ceil(total / limit));
  if (!(Number.isInteger(page) && page >= 1 && page <= pages))
    throw new PipelineError(
      'show.badPage',
      `There are ${count(pages)} pages of ${count(limit)} ${unit}, from 1; page ${page} is not one.`,
      { value: page },
    );
  const from = (page - 1) * limit;
  const to = Math.min(total, from + limit);
  const next = page < pages ? `; { page: ${page + 1} } shows the next ones` : '';
  return {
    numbers: Array.from({ length: to - from }, (_, i) => from + i),
    note: pages === 1 ? '' : `${count(from + 1)} to ${count(to)} of ${count(total)} ${unit}${next}.`,
  };
}
