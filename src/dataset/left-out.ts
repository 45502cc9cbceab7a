import { group } from 'd3-array';
import type { ProductId } from '../catalogue/index.js';
import { PipelineError, plural } from '../work/index.js';
import type { Row } from './row.js';
import type { ViewStep } from './view.js';

/** A row, or what names one: its image where it has one, else its id. */
interface Named {
  readonly id: ProductId;
  readonly imagePath?: unknown;
}

/**
 * What `Dataset.without` leaves out: a row, something found about a row (a suspect label, an issue of its image), or a
 * group of duplicates, of which the first one stays.
 *
 * @example
 * const some: readonly LeftOut[] = suspectLabels(scored, { limit: 20 });
 * console.log(String(shoes.without(some)));
 */
export type LeftOut = Named | { readonly item: Named } | { readonly items: readonly Named[] };

/**
 * The rows of a data set that are left, and the step of a view that leaves them.
 *
 * @throws PipelineError `dataset.strangeRow`
 */
export function remaining<R extends Row>(
  { rows, uri }: { readonly rows: readonly R[]; readonly uri: string },
  what: readonly LeftOut[],
): { rows: R[]; step: ViewStep } {
  const folders = new Set(rows.map(({ imagePath }) => folderOf(imagePath)));
  const byPath = new Map(rows.map((row) => [row.imagePath, [row]]));
  const byId = group(rows, ({ id }) => id);
  const rowsOf = (named: Named): readonly R[] => {
    const { imagePath, id } = named;
    if (typeof imagePath !== 'string') return byId.get(id) ?? [];
    if (rows.length > 0 && !folders.has(folderOf(imagePath))) throw strangeRow({ id, imagePath }, uri);
    return byPath.get(imagePath) ?? [];
  };
  const out = new Set<R>();
  const reasons = new Map([['', 0]]);
  for (const each of what) {
    if ('items' in each) continue;
    for (const row of rowsOf('item' in each ? each.item : each)) {
      if (!out.has(row)) reasons.set(reasonOf(each), (reasons.get(reasonOf(each)) ?? 0) + 1);
      out.add(row);
    }
  }
  const named = out.size;
  const groups = what.flatMap((each) => ('items' in each ? [each.items] : []));
  for (const items of groups) {
    // What is left out already does not stand for its group.
    const there = items.flatMap(rowsOf).filter((row) => !out.has(row));
    for (const row of there.slice(1)) out.add(row);
  }
  const twins = out.size - named;
  const parts = [
    ...[...reasons].flatMap(([reason, rows]) => (rows > 0 ? [`${plural(rows, 'row')}${reason}`] : [])),
    ...(groups.length > 0 ? [`${plural(twins, 'row')} of ${plural(groups.length, 'group')} (the first stays)`] : []),
  ];
  const ids = [...new Set(Array.from(out, ({ id }) => id))];
  return {
    rows: rows.filter((row) => !out.has(row)),
    step: { step: 'without', words: `without ${parts.join(', ') || 'none'}`, ids },
  };
}

/** Why something found about a row leaves it out. */
function reasonOf(found: object): string {
  if (!('item' in found)) return '';
  return 'predicted' in found ? ' with suspect labels' : 'kind' in found ? ' with issues' : '';
}

const folderOf = (imagePath: string): string => imagePath.slice(0, imagePath.lastIndexOf('/'));

/** The error of a row that is not of a data set. */
export function strangeRow({ id, imagePath }: { id: ProductId; imagePath: string }, uri: string): PipelineError {
  const of = folderOf(imagePath).replace(/\/images$/, '/');
  const whose = `${of.replace(/\/?$/, '/')}` === uri ? '' : `, but of ${of}`;
  return new PipelineError(
    'dataset.strangeRow',
    `The row of product ${id} (${imagePath}) is not in ${uri}${whose}. A view has rows of one data set only.`,
    { value: imagePath },
  );
}
