/** How a chart looks. */
export interface LookOptions {
  /** The title (default: the columns, and how many rows there are). */
  title?: string;
  /** Pixels (default: as much as the chart needs, the width of half a page at least). */
  width?: number;
  /** Pixels (default: as much as the chart needs). */
  height?: number;
}

/** How the values of a column are counted. */
export interface CountOptions extends LookOptions {
  /** How many values at most are counted by themselves (default 20); the rarest others are one. */
  limit?: number;
  /**
   * The order: the most frequent first (`count`) or as the values are ordered (`value`). Default: texts by their count,
   * numbers by their value.
   */
  sort?: CountOrder;
  /** Shares of all rows in percent in place of counts (default false). */
  share?: boolean;
  /** A column that the counts are divided and coloured by: its six most frequent values; any others are grey. */
  colour?: string;
}

/** In which order values are counted. */
export type CountOrder = 'count' | 'value';
