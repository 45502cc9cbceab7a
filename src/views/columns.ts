import { didYouMean, PipelineError, plural } from '../work/index.js';
import { wrongKind } from './kinds.js';
import { isTiles } from './tile.js';

/** A data frame, as far as it is needed here; an arquero `ColumnTable` is one. */
export interface Frame {
  numRows(): number;
  columnNames(): string[];
  get(name: string, row?: number): unknown;
}

/** What can be shown as a table or a chart: a data frame, rows, pictures (their rows), a data set (its metadata). */
export type Tabular = Frame | readonly object[] | { readonly metadata: Frame };

/** Rows and columns, the same for every kind of `Tabular`. */
export interface Columns {
  readonly names: readonly string[];
  readonly rows: number;
  /** A value; a blank (a missing key, `undefined`, NaN, an empty text) reads as null. */
  at(name: string, row: number): unknown;
}

/**
 * The columns of a data frame, an array of rows or a data set.
 *
 * @throws PipelineError `show.wrongKind` for anything else.
 */
export function toColumns(tabular: Tabular): Columns {
  if (!isTabular(tabular)) throw wrongKind('A data set, a table, an array of rows or pictures can be shown', tabular);
  if ('metadata' in tabular) return toColumns(tabular.metadata);
  if ('numRows' in tabular) {
    return {
      names: tabular.columnNames(),
      rows: tabular.numRows(),
      at: (name, row) => blankToNull(tabular.get(name, row)),
    };
  }
  const rows = (isTiles(tabular) ? tabular.map(({ row }) => row) : tabular.map(withItsItem)).map(
    (row) => new Map<string, unknown>(Object.entries(row)),
  );
  return {
    names: [...new Set(rows.flatMap((row) => [...row.keys()]))],
    rows: rows.length,
    at: (name, row) => blankToNull(rows[row]?.get(name)),
  };
}

/** Something found about an item, such as what a search has found: the item's columns, and its own behind them. */
function withItsItem(row: object): object {
  if (!('item' in row && typeof row.item === 'object' && row.item !== null && 'id' in row.item)) return row;
  const { item, ...others } = row;
  return { ...item, ...others };
}

const isTabular = (value: unknown): value is Tabular =>
  typeof value === 'object' &&
  value !== null &&
  (Array.isArray(value)
    ? value.every((row) => typeof row === 'object' && row !== null && !ArrayBuffer.isView(row))
    : 'metadata' in value || 'numRows' in value);

const blankToNull = (value: unknown): unknown =>
  value === undefined || Number.isNaN(value) || value === '' ? null : value;

/**
 * All values of one column, blanks as null.
 *
 * @throws PipelineError `show.unknownColumn` where there is no such column.
 */
export function column(columns: Columns, name: string): unknown[] {
  // An empty table has no columns; that is not an error.
  if (!columns.names.includes(name) && columns.rows > 0) {
    const hint = didYouMean(name, columns.names) || ` The columns are ${columns.names.join(', ')}.`;
    throw new PipelineError('show.unknownColumn', `There is no column '${name}'.${hint}`, { value: name });
  }
  return Array.from({ length: columns.rows }, (_, row) => columns.at(name, row));
}

/**
 * A column of numbers, blanks as null.
 *
 * @param remedy - Advice for a column that holds anything else, the end of the error's message.
 * @throws PipelineError `show.unknownColumn`, or `show.notNumbers` where the column holds anything else.
 */
export function numberColumn(columns: Columns, name: string, remedy: string): (number | null)[] {
  return column(columns, name).map((value) => {
    if (value === null || typeof value === 'number') return value;
    throw new PipelineError(
      'show.notNumbers',
      `The column '${name}' holds ${JSON.stringify(value)}, which is not a number; ${remedy}.`,
      { value },
    );
  });
}

/**
 * The type of a column's values in TypeScript's notation: `number`, `number | string`; `string?` where some are blank,
 * `null` where all are.
 */
export function columnType(columns: Columns, name: string): string {
  const kinds = new Set(column(columns, name).map(kindOf));
  const blank = kinds.delete('null');
  return kinds.size === 0 ? 'null' : [...kinds].sort().join(' | ') + (blank ? '?' : '');
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return value instanceof Date ? 'Date' : typeof value;
}

/** `684 rows x 11 columns` */
export const shapeText = ({ rows, names }: Columns): string =>
  `${plural(rows, 'row')} x ${plural(names.length, 'column')}`;

/** The numbers of the first and the last rows, `limit` of them at most, and null where those between are left out. */
export function endRows(rows: number, limit: number): (number | null)[] {
  const all = Array.from({ length: rows }, (_, row) => row);
  if (rows <= limit) return all;
  const first = Math.ceil(limit / 2);
  return [...all.slice(0, first), null, ...all.slice(rows - (limit - first))];
}
