import { didYouMean, PipelineError, plural } from '../work/index.js';

/** What is needed of a data frame; an arquero `ColumnTable` is one. */
export interface Frame {
  numRows(): number;
  columnNames(): string[];
  get(name: string, row?: number): unknown;
}

/** What can be shown as a table or counted in a chart: a data frame, an array of rows, or a data set (its metadata). */
export type Tabular = Frame | readonly object[] | { readonly metadata: Frame };

/** Rows and columns, whatever they came from. */
export interface Columns {
  readonly names: readonly string[];
  readonly rows: number;
  /** A value; blank (a missing key, `undefined`, NaN) reads as null. */
  at(name: string, row: number): unknown;
}

/** Sees a data frame, an array of rows or a data set as columns. */
export function columnsOf(tabular: Tabular): Columns {
  if ('metadata' in tabular) return columnsOf(tabular.metadata);
  if ('numRows' in tabular) {
    return {
      names: tabular.columnNames(),
      rows: tabular.numRows(),
      at: (name, row) => blankToNull(tabular.get(name, row)),
    };
  }
  const rows = tabular.map((row) => new Map<string, unknown>(Object.entries(row)));
  return {
    names: [...new Set(rows.flatMap((row) => [...row.keys()]))],
    rows: rows.length,
    at: (name, row) => blankToNull(rows[row]?.get(name)),
  };
}

const blankToNull = (value: unknown): unknown =>
  value === undefined || Number.isNaN(value) || value === '' ? null : value;

/**
 * All values of one column, blanks as null.
 *
 * @throws PipelineError `show.unknownColumn` where there is no such column.
 */
export function column(columns: Columns, name: string): unknown[] {
  // Rows that are none have no columns either: nothing to count is no mistake.
  if (!columns.names.includes(name) && columns.rows > 0) {
    const hint = didYouMean(name, columns.names) || ` The columns are ${columns.names.join(', ')}.`;
    throw new PipelineError('show.unknownColumn', `There is no column '${name}'.${hint}`, { value: name });
  }
  return Array.from({ length: columns.rows }, (_, row) => columns.at(name, row));
}

/**
 * A column of numbers, blanks as null.
 *
 * @param remedy - What to do with a column of anything else.
 * @throws PipelineError `show.unknownColumn`, or `show.notNumbers` where it holds anything else.
 */
export function numbersOf(columns: Columns, name: string, remedy: string): (number | null)[] {
  return column(columns, name).map((value) => {
    if (value === null || typeof value === 'number') return value;
    throw new PipelineError(
      'show.notNumbers',
      `The column '${name}' holds ${JSON.stringify(value)}, which is no number; ${remedy}.`,
      { value },
    );
  });
}

/**
 * A value as a person reads it: numbers to four digits, a list by its items, something named (a transform) by its name
 * and the rest.
 */
export function valueText(value: unknown): string {
  if (typeof value === 'number') return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  if (!('name' in value)) return JSON.stringify(value);
  const { name, ...rest } = value;
  return [name, ...Object.entries(rest).flat()].map(valueText).join(' ');
}

/** Numbers in line: with as many decimals as the one that needs most to show four digits. Blanks as `null`. */
export function numberTexts(values: readonly unknown[]): string[] {
  const texts = values.map(valueText);
  const decimals = Math.max(0, ...texts.map((text) => text.split('.')[1]?.length ?? 0));
  if (texts.some((text) => text.includes('e'))) return texts;
  return values.map((value, i) => (typeof value === 'number' ? value.toFixed(decimals) : (texts[i] ?? '')));
}

/**
 * What a column holds, as TypeScript writes it: `number`, `string?` where some are blank, `number | string`; `null`
 * where all are.
 */
export function typeOf(columns: Columns, name: string): string {
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

/** The first and the last rows to show of many: their numbers, and null where some between are left out. */
export function endRows(rows: number, shown: number): (number | null)[] {
  const all = Array.from({ length: rows }, (_, row) => row);
  if (rows <= shown) return all;
  const first = Math.ceil(shown / 2);
  return [...all.slice(0, first), null, ...all.slice(rows - (shown - first))];
}

/** Text of at most `length` characters, an ellipsis for what is cut. */
export const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;
