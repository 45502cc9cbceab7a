import type { Entry } from '../entry.js';
import { fieldValue } from '../entry.js';
import { type KeyRange, layoutPaths, sortGroupOf, type TablePath } from '../query/layout-paths.js';
import { columnTypes, type Schema } from '../schema.js';
import type { Statistics } from './statistics.js';
import { ValueCounter } from './values.js';

/** How a path is called in statistics: the table itself has no name. */
const nameOf = ({ name = '' }: TablePath): string => name;

/** Whether a part of the products was counted, which stands for all of them. */
export const isSampled = ({ products, sample }: Statistics): boolean => sample !== undefined && sample.items < products;

/** How many products one of the sample stands for. */
export const weightOf = ({ products, sample }: Statistics): number =>
  sample && sample.items > 0 ? products / sample.items : 1;

/** A longer partition key is one of its own in each item, or nearly so. */
const longest = 100;

/** Counts a sample of a table that another system made. */
export class SampleCounter {
  readonly #schema: Schema;
  readonly #values: ValueCounter;
  readonly #indexes: Statistics['indexes'];
  /** How many products were counted. */
  items = 0;

  constructor(schema: Schema) {
    this.#schema = schema;
    this.#values = new ValueCounter(schema);
    this.#indexes = Object.fromEntries(layoutPaths(schema).map((path) => [nameOf(path), {}]));
  }

  add(product: Entry): void {
    this.items++;
    this.#values.add(product);
    for (const path of layoutPaths(this.#schema)) {
      const partition = columnValue(product, path.partition);
      const sort = path.sort === undefined ? undefined : columnValue(product, path.sort);
      if (
        partition === undefined ||
        String(partition).length > longest ||
        (path.sort !== undefined && sort === undefined)
      )
        continue;
      const counts = ((this.#indexes[nameOf(path)] ??= {})[String(partition)] ??= {});
      const group = sort === undefined ? '' : sortGroupOf(sort, columnTypes(this.#schema)[path.sort ?? ''] ?? '');
      counts[group] = (counts[group] ?? 0) + 1;
    }
  }

  get result(): Pick<Statistics, 'indexes' | 'values'> {
    return { indexes: this.#indexes, values: this.#values.result };
  }
}

function columnValue(product: Entry, column: string): string | number | boolean | undefined {
  const value = column === 'id' ? product.id : fieldValue(product, column);
  return typeof value === 'object' ? undefined : value;
}

/** How many products of a range there are, about, of a table that another system made. */
export function sampledWithin(
  statistics: Statistics,
  path: TablePath,
  { partition, sortKeys, prefix }: KeyRange,
  schema: Schema,
): number {
  const type = columnTypes(schema)[path.sort ?? ''] ?? '';
  const [low, high] = (sortKeys ?? []).map((key) => (key === undefined ? undefined : sortGroupOf(key, type)));
  const begins = prefix === undefined ? '' : sortGroupOf(prefix, type);
  let products = 0;
  for (const [group, count] of Object.entries(statistics.indexes[nameOf(path)]?.[String(partition)] ?? {}))
    if (
      (low === undefined || group >= low) &&
      (high === undefined || group <= high) &&
      (group.startsWith(begins) || begins.startsWith(group))
    )
      products += count;
  // What a sample does not have may be there still.
  return isSampled(statistics) ? Math.max(1, products) * weightOf(statistics) : products;
}
