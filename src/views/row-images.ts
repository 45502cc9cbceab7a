import { type Columns, type Tabular, toColumns } from './columns.js';
import { type Images, readImages } from './images.js';
import type { Pictures } from './panels/compare.js';
import type { Shown, Tile } from './tile.js';

/** A row of a table that is shown; blanks are null. */
export type TableRow = Shown & Readonly<Record<string, unknown>>;

/**
 * Where the images of rows come from: a data set or pictures, which are searched by `id` (and `variant`), or a function
 * that returns a row's encoded image.
 */
export type RowImages =
  | ((row: TableRow) => Uint8Array | Promise<Uint8Array>)
  | Pick<Pictures, 'rows' | 'picture'>
  | readonly Tile[];

/** Where the images are of rows that have none in them. */
export interface WithImages {
  /**
   * A data set or pictures, in which each row's image is found by its `id` (and `variant`), or a function that returns
   * a row's encoded image. Default: those of the rows themselves, where they are pictures.
   */
  images?: RowImages | undefined;
}

/** Reads the images of some rows, by row number, or why one cannot be read. */
export async function rowImages(
  tabular: Tabular,
  source: RowImages,
  numbers: readonly number[],
): Promise<Images<number>> {
  const columns = toColumns(tabular);
  const rows = new Map(numbers.map((number) => [rowAt(columns, number), number]));
  const images = await readImages([...rows.keys()], isDataset(source) ? pictureOf(source) : source);
  return new Map([...images].map(([row, data]) => [rows.get(row) ?? 0, data]));
}

/** Whether images are asked for from a data set, by its own rows. */
const isDataset = (source: RowImages): source is Pick<Pictures, 'rows' | 'picture'> =>
  typeof source === 'object' && source !== null && 'rows' in source && 'picture' in source;

const pictureOf =
  (source: Pick<Pictures, 'rows' | 'picture'>) =>
  async (row: TableRow): Promise<Uint8Array> => {
    const found = source.rows.find(({ id, variant }) => id === row.id && (row.variant ?? variant) === variant);
    if (found === undefined) throw new Error(`There is no image of ${row.id}.`);
    return (await source.picture(found)).data;
  };

/** Some rows, by their numbers, with their images, as a grid shows them. */
export async function rowTiles(tabular: Tabular, source: RowImages, numbers: readonly number[]): Promise<Tile[]> {
  const columns = toColumns(tabular);
  const images = await rowImages(tabular, source, numbers);
  return numbers.map((number) => ({ row: rowAt(columns, number), data: images.get(number) }));
}

/** A row by its number, with that number as its `id` where there is no such column. */
export function rowAt({ names, at }: Columns, number: number): TableRow {
  const id = names.includes('id') ? at('id', number) : number;
  return {
    ...Object.fromEntries(names.map((name) => [name, at(name, number)])),
    id: typeof id === 'number' ? id : String(id),
  };
}
