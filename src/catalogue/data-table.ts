// biome-ignore-all lint/suspicious/noExplicitAny: what a column holds is known at run time alone, as in arquero.
// biome-ignore-all lint/style/useNamingConvention: the names are arquero's.

/**
 * A row as an expression gets it: values by the names of their columns.
 *
 * @example
 * const recent = (row: ColumnValues) => row.year > 2012;
 * console.log(shoes.metadata.filter(recent).numRows());
 */
export type ColumnValues = Record<string, any>;

/**
 * What is calculated of each row: the name of a column, a function of a row, or what one of arquero's own functions
 * (`op.mean('year')`, `desc('year')`) returns. Arquero reads the text of a function, so that it knows no variables from
 * outside.
 *
 * @example
 * const decade: TableExpression = (row) => 10 * Math.floor(row.year / 10);
 * shoes.metadata.groupby({ decade }).count().print();
 */
export type TableExpression = string | number | object | ((row: ColumnValues, parameters: ColumnValues) => unknown);

/**
 * Columns: their names, expressions by the names of new columns, or lists of these.
 *
 * @example
 * const columns: TableColumns = { decade: (row) => 10 * Math.floor(row.year / 10) };
 * shoes.metadata.groupby(columns).count().print();
 */
export type TableColumns = TableExpression | Record<string, TableExpression> | readonly TableColumns[];

/**
 * A data frame: an arquero `ColumnTable`, as far as notebooks need it. Every verb returns a new one. Its own
 * declarations have errors that a strict compiler reports, so that none of the kit's names them; to use what is not
 * declared here, import arquero and pass the table on.
 *
 * @see https://idl.uw.edu/arquero/api/verbs
 * @example
 * const table: DataTable = shoes.metadata;
 * table.filter((row) => row.year > 2012).groupby('season').count().print();
 */
export interface DataTable {
  /** How many rows there are, those that are filtered out not counted. */
  numRows(): number;
  /** How many columns there are. */
  numCols(): number;
  /** The names of the columns, in their order. */
  columnNames(): string[];
  /** The value of a column in a row, counted from 0 as the table is filtered and sorted. */
  get(column: string, row?: number): any;
  /** The values of a column. */
  array(column: string): ArrayLike<any> & Iterable<any>;
  /** One row as an object, by default the first. */
  object(row?: number): ColumnValues;
  /** The rows as objects: all, or `limit` of them. */
  objects(options?: { limit?: number; offset?: number }): ColumnValues[];
  /** Prints the first rows, by default 10. */
  print(options?: number | { limit?: number; offset?: number }): this;

  /** The rows for which an expression is true. */
  filter(criteria: TableExpression): DataTable;
  /** With more columns, calculated of each row: `{ decade: (row) => … }`. */
  derive(values: Record<string, TableExpression>, options?: object): DataTable;
  /** With these columns alone. */
  select(...columns: readonly TableColumns[]): DataTable;
  /** With other names of columns: `{ old: 'new' }`. */
  rename(...columns: readonly TableColumns[]): DataTable;
  /** With columns in another place: `{ before: 'id' }`. */
  relocate(columns: TableColumns, options: object): DataTable;
  /** Sorted by columns; `desc('year')` of arquero's for the other way. */
  orderby(...keys: readonly TableColumns[]): DataTable;
  /** Not sorted any more. */
  unorder(): DataTable;
  /** In groups with the same values of columns. */
  groupby(...keys: readonly TableColumns[]): DataTable;
  /** Without its groups. */
  ungroup(): DataTable;
  /** A row for each group, with the number of its rows as `count`. */
  count(options?: { as?: string }): DataTable;
  /** A row for each group, with what is calculated of its rows: `{ mean: op.mean('year') }`. */
  rollup(values?: Record<string, TableExpression>): DataTable;
  /** Rows from one number to before another, within each group. */
  slice(start?: number, end?: number): DataTable;
  /** Rows drawn at random. */
  sample(size: number | TableExpression, options?: object): DataTable;
  /** Without rows that repeat another, in all columns or in these. */
  dedupe(...keys: readonly TableColumns[]): DataTable;
  /** With values in place of those that are missing. */
  impute(values: Record<string, TableExpression>, options?: object): DataTable;
  /** Columns as rows of `key` and `value`. */
  fold(columns: TableColumns, options?: object): DataTable;
  /** Values of a column as columns. */
  pivot(keys: TableColumns, values: TableColumns, options?: object): DataTable;
  /** A list in a column as several columns. */
  spread(columns: TableColumns, options?: object): DataTable;
  /** A list in a column as several rows. */
  unroll(columns: TableColumns, options?: object): DataTable;

  /** With the columns of another table, in rows where both have the same keys. */
  join(other: object | string, on?: any, values?: any, options?: object): DataTable;
  /** The same, with all rows of this table. */
  join_left(other: object | string, on?: any, values?: any, options?: object): DataTable;
  /** The same, with all rows of both. */
  join_full(other: object | string, on?: any, values?: any, options?: object): DataTable;
  /** Rows whose keys another table has. */
  semijoin(other: object | string, on?: any): DataTable;
  /** Rows whose keys another table does not have. */
  antijoin(other: object | string, on?: any): DataTable;
  /** With columns of another table, looked up by a key. */
  lookup(other: object | string, on?: any, ...values: readonly any[]): DataTable;
  /** With the rows of other tables below its own. */
  concat(...tables: readonly any[]): DataTable;
  /** The rows of this table and others, without those that repeat one. */
  union(...tables: readonly any[]): DataTable;
  /** Rows that other tables have, too. */
  intersect(...tables: readonly any[]): DataTable;
  /** Rows that no other table has. */
  except(...tables: readonly any[]): DataTable;

  /** As comma-separated values. */
  toCSV(options?: object): string;
  /** As JSON. */
  toJSON(options?: object): string;
  /** As a table in Markdown. */
  toMarkdown(options?: object): string;
  /** The rows, in a loop. */
  [Symbol.iterator](): Iterator<object>;
}
