import { type Columns, columnsOf, type Tabular } from './columns.js';
import { type Images, imagesOf } from './images.js';
import type { Pictures } from './panels/compare.js';
import type { Shown, Tile } from './panels/grid.js';

/** A row of whatever is shown as a table; blanks are null. */
export type TableRow = Shown & Readonly<Record<string, unknown>>;

/**
 * Where the images of rows come from: a data set, by their `id` (and `variant`), or a function that gives a row's,
 * encoded.
 */
export type RowImages = ((row: TableRow) => Uint8Array | Promise<Uint8Array>) | Pick<Pictures, 'rows' | 'picture'>;

/** Reads the images of some rows, by row number; those left out that cannot be read. */
export function rowImages(tabular: Tabular, source: RowImages, numbers: readonly number[]): Promise<Images<number>> {
  const columns = columnsOf(tabular);
  return imagesOf(numbers, async (number) => {
    const row = rowOf(columns, number);
    if (typeof source === 'function') return source(row);
    const found = source.rows.find(({ id, variant }) => id === row.id && (row.variant ?? variant) === variant);
    if (found === undefined) throw new Error(`There is no image of ${row.id}.`);
    return (await source.picture(found)).data;
  });
}

/** Rows with their images, as a grid shows them. */
export async function rowTiles(tabular: Tabular, source: RowImages): Promise<Tile[]> {
  const columns = columnsOf(tabular);
  const numbers = Array.from({ length: columns.rows }, (_, number) => number);
  const images = await rowImages(tabular, source, numbers);
  return numbers.map((number) => ({ row: rowOf(columns, number), data: images.get(number) }));
}

export function rowOf({ names, at }: Columns, number: number): TableRow {
  const id = names.includes('id') ? at('id', number) : number;
  return {
    ...Object.fromEntries(names.map((name) => [name, at(name, number)])),
    id: typeof id === 'number' ? id : String(id),
  };
}
