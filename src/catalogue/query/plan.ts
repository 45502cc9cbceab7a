import { inspect } from 'node:util';
import { count } from '../../work/index.js';
import type { ProductId } from '../id.js';
import { fashion } from '../product.js';
import type { Schema } from '../schema.js';
import { type Index, indexesOf, partitionKey, sortText } from '../store/items.js';
import type { Statistics } from '../store/statistics.js';
import { and, type Comparison, conjuncts, fieldsOf, matches, type Predicate, parseCondition } from './condition.js';

/** What a plan is expected to cost, by the statistics of the catalogue. */
export interface Estimate {
  /** Products that DynamoDB reads, before its filter. */
  productsRead: number;
  /** Products in the catalogue. */
  products: number;
  readUnits: number;
  /** Read units of a scan of the whole table. */
  scanReadUnits: number;
}

/** One partition of an index: all of it, or the sort keys from the first to the last, both included. */
export interface KeyRange {
  partition: string;
  sortKeys?: readonly [from: string, to: string];
}

type Access =
  | { access: 'key'; ids: readonly ProductId[] }
  | { access: 'index'; index: Index; ranges: readonly KeyRange[] }
  | { access: 'scan' };

/** An access path that the planner weighed. */
export interface Candidate {
  /** `index bySubCategory`, `table key`, `scan`. */
  access: string;
  /** Whether the condition can be read by it at all: an index needs its fields pinned to values. */
  fits: boolean;
  /** Undefined where it does not fit, or the catalogue has no statistics. */
  estimate: Estimate | undefined;
}

/**
 * How a condition will be read: the access path, what is left to filter, and the cost to expect. Prints as one line.
 */
export class Plan {
  constructor(
    readonly path: Access,
    /** What the access path leaves to be filtered. */
    readonly filter: Predicate,
    /** Undefined where the catalogue has no statistics. */
    readonly estimate: Estimate | undefined,
    /** Of the products that are read. */
    readonly schema: Schema = fashion,
    /** The access paths that there are, the chosen one among them. */
    readonly candidates: readonly Candidate[] = [],
  ) {}

  /** `index bySubCategory`, `table key`, `scan`. */
  get access(): string {
    return this.path.access === 'index'
      ? `index ${this.path.index.name}`
      : this.path.access === 'key'
        ? 'table key'
        : 'scan';
  }

  toString(): string {
    if (!this.estimate) return `${this.access} (no statistics to estimate its cost: seed the catalogue to its end)`;
    const { productsRead, products, readUnits, scanReadUnits } = this.estimate;
    return (
      `${this.access}, ${count(productsRead)} of ${count(products)} products read, ${count(readUnits)} read ` +
      `units (a scan: ${count(scanReadUnits)})`
    );
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** More partitions than this are not worth a query each. */
const maxPartitions = 100;

/**
 * Picks the cheapest access path for a condition: the table's key, an index whose partitions the condition names, or a
 * parallel scan. Without statistics the first index that fits is taken, the most selective being first.
 *
 * @throws PipelineError `condition.…` where the condition is wrong.
 *
 * @example
 * String(plan({ subCategory: 'Shoes', year: { gt: 2012 } }, statistics));
 * // 'index bySubCategory, 1,444 of 39,930 products read, 56 read units (a scan: 1,549)'
 */
export function plan(condition: unknown, statistics?: Statistics, schema: Schema = fashion): Plan {
  const predicate = parseCondition(condition, schema);
  const scan = new Plan(
    { access: 'scan' },
    predicate,
    statistics && {
      productsRead: statistics.products,
      products: statistics.products,
      readUnits: scanUnits(statistics),
      scanReadUnits: scanUnits(statistics),
    },
  );
  const byKey = planByKey(predicate, statistics);
  const indexes = indexesOf(schema);
  const byIndex = indexes.map((index) => planByIndex(index, predicate, statistics, schema));
  const fitting = byIndex.filter((candidate) => candidate !== undefined);
  const cost = ({ estimate }: Plan) => estimate?.readUnits ?? Infinity;
  const cheapest = statistics
    ? fitting.reduce((best, candidate) => (cost(candidate) < cost(best) ? candidate : best), scan)
    : (fitting[0] ?? scan);
  const { path, filter, estimate } = byKey ?? cheapest;
  const candidate = (access: string, found: Plan | undefined): Candidate => ({
    access,
    fits: found !== undefined,
    estimate: found?.estimate,
  });
  return new Plan(path, filter, estimate, schema, [
    candidate('table key', byKey),
    ...indexes.map(({ name }, i) => candidate(`index ${name}`, byIndex[i])),
    candidate('scan', scan),
  ]);
}

/** Half a unit reads 4 KB, eventually consistent. */
const unitsOf = (bytes: number): number => Math.ceil(bytes / 4096) / 2;
const scanUnits = (statistics: Statistics): number => unitsOf(statistics.bytes);

function planByKey(predicate: Predicate, statistics: Statistics | undefined): Plan | undefined {
  const pinned = pin('id', conjuncts(predicate));
  if (!pinned) return undefined;
  const ids = pinned.values.map(Number);
  // A batch read charges each item by itself: at least half a unit.
  return new Plan(
    { access: 'key', ids },
    and(pinned.rest),
    statistics && {
      productsRead: ids.length,
      products: statistics.products,
      readUnits: ids.length / 2,
      scanReadUnits: scanUnits(statistics),
    },
  );
}

function planByIndex(
  index: Index,
  predicate: Predicate,
  statistics: Statistics | undefined,
  schema: Schema,
): Plan | undefined {
  let rest = conjuncts(predicate);
  let partitions: (string | number)[][] = [[]];
  for (const field of index.hash) {
    const pinned = pin(field, rest);
    if (!pinned) return undefined;
    rest = pinned.rest;
    partitions = partitions.flatMap((values) => pinned.values.map((value) => [...values, value]));
    if (partitions.length > maxPartitions) return undefined;
  }
  // DynamoDB does not filter by an index's own key.
  if (index.hash.some((field) => rest.some((part) => fieldsOf(part).has(field)))) return undefined;
  const range = sortRange(rest, schema);
  const sortKeys = [`${sortText(range.low)}#`, `${sortText(range.high)}#~`] as const;
  const keys = range.low > range.high ? [] : partitions.map(partitionKey);
  const ranges = keys.map((partition): KeyRange => (range.pinned ? { partition, sortKeys } : { partition }));
  return new Plan(
    { access: 'index', index, ranges },
    and(range.rest),
    statistics && estimate(index, ranges, range, statistics),
  );
}

function estimate(index: Index, ranges: readonly KeyRange[], range: SortRange, statistics: Statistics): Estimate {
  const bytesEach = statistics.products === 0 ? 0 : statistics.bytes / statistics.products;
  let productsRead = 0;
  let readUnits = 0;
  for (const { partition } of ranges) {
    const counts = Object.entries(statistics.indexes[index.name]?.[partition] ?? {});
    const inRange = counts.filter(
      ([name]) => !range.pinned || (Number(name) >= range.low && Number(name) <= range.high),
    );
    const products = inRange.reduce((sum, [, products]) => sum + products, 0);
    productsRead += products;
    readUnits += Math.max(0.5, unitsOf(products * bytesEach));
  }
  return { productsRead, products: statistics.products, readUnits, scanReadUnits: scanUnits(statistics) };
}

/**
 * The values that a field can have at all by the tests which must hold, and the conjuncts left after those; undefined
 * where no test names values.
 */
function pin(
  field: string,
  parts: readonly Predicate[],
): { values: (string | number)[]; rest: Predicate[] } | undefined {
  const own = parts.filter((part): part is Comparison => part.kind === 'test' && part.field === field);
  const naming = own.find((test) => test.operator === 'eq' || test.operator === 'in');
  if (!naming) return undefined;
  const named = naming.operator === 'in' ? naming.value : naming.operator === 'eq' ? [naming.value] : [];
  const values = named.filter((value) => own.every((test) => matches(test, { id: 0, [field]: value })));
  return { values, rest: parts.filter((part) => !own.some((test) => test === part)) };
}

interface SortRange {
  /** Whether any test bounds the field that the indexes sort by; if not, products without a value belong too. */
  pinned: boolean;
  low: number;
  high: number;
  rest: Predicate[];
}

/**
 * The years, or whatever a schema sorts by, that the tests allow, from `low` to `high`: whole numbers of up to four
 * digits.
 */
function sortRange(parts: readonly Predicate[], { sort }: Schema): SortRange {
  const range: SortRange = { pinned: false, low: 0, high: 9999, rest: [] };
  for (const part of parts) {
    const bounds = part.kind === 'test' && part.field === sort ? boundsOf(part) : undefined;
    if (!bounds) {
      range.rest.push(part);
      continue;
    }
    range.pinned = true;
    range.low = Math.max(range.low, Math.ceil(bounds[0]));
    range.high = Math.min(range.high, Math.floor(bounds[1]));
    if (part.kind === 'test' && part.operator === 'in') range.rest.push(part);
  }
  return range;
}

function boundsOf(test: Comparison): readonly [number, number] | undefined {
  switch (test.operator) {
    case 'eq':
      return [Number(test.value), Number(test.value)];
    case 'gt':
      return [Math.floor(Number(test.value)) + 1, Infinity];
    case 'gte':
      return [Number(test.value), Infinity];
    case 'lt':
      return [-Infinity, Math.ceil(Number(test.value)) - 1];
    case 'lte':
      return [-Infinity, Number(test.value)];
    case 'between':
      return [Number(test.value[0]), Number(test.value[1])];
    case 'in':
      return [Math.min(...test.value.map(Number)), Math.max(...test.value.map(Number))];
    default:
      return undefined;
  }
}
