import { inspect } from 'node:util';
import { count } from '../../work/index.js';
import { isHeld, kindOf } from '../field-types/index.js';
import { type ProductId, textIdFault } from '../id.js';
import { fashion } from '../product.js';
import type { Schema } from '../schema.js';
import { type Index, partitionKey, schemaIndexes } from '../store/items.js';
import { isPartitionKey } from '../store/limits.js';
import { productsWithin, type Statistics } from '../store/statistics.js';
import { parseCondition } from './condition.js';
import {
  and,
  type Comparison,
  conjuncts,
  type ListTest,
  matcher,
  type Predicate,
  testedFields,
  type Value,
  type ValueTest,
} from './predicate.js';
import { predicateText } from './predicate-text.js';
import { ordersRareCharacters, type SplitFilter, splitFilter } from './split.js';
import { unknownValues } from './unknown-values.js';

/** What a plan is expected to cost, calculated from the statistics of the catalogue. */
export interface Estimate {
  /** Products that DynamoDB reads before it filters. */
  productsRead: number;
  /** Products in the catalogue. */
  products: number;
  /** Read units that DynamoDB charges: half a unit for each 4 KB. */
  readUnits: number;
  /** Read units of a scan of the whole table. */
  scanReadUnits: number;
}

/** A partition of an index: the whole one, or a range of its sort keys, both ends included. */
export interface KeyRange {
  partition: string;
  sortKeys?: readonly [from: string, to: string];
}

/** How the products are read: by their ids, by the partitions of an index, or by a scan of the whole table. */
export type Access =
  | { access: 'key'; ids: readonly ProductId[] }
  | { access: 'index'; index: Index; ranges: readonly KeyRange[] }
  | { access: 'scan' };

/** An access path that the planner considered. */
export interface Candidate {
  /** `index bySubCategory`, `table key` or `scan`. */
  access: string;
  /** Whether it can be used: an index only where the condition names the values of all its fields. */
  fits: boolean;
  /** Undefined where it cannot be used, or the catalogue has no statistics. */
  estimate: Estimate | undefined;
}

/**
 * How a condition is read: the access path, what remains to be filtered, and the expected cost. Prints as one line, and
 * a line for each value that does not exist.
 *
 * @example
 * const { catalogue } = await connect();
 * const plan = await catalogue.explain({ subCategory: 'Shoes', year: { gt: 2012 } });
 * console.log(plan.access, plan.estimate?.readUnits); // index bySubCategory 48.5
 */
export class Plan {
  #split: SplitFilter | undefined;

  constructor(
    readonly path: Access,
    /** What the products that are read must satisfy beside. */
    readonly filter: Predicate,
    /** Undefined where the catalogue has no statistics. */
    readonly estimate: Estimate | undefined,
    /** The schema of the products. */
    readonly schema: Schema = fashion,
    /** All access paths, including the chosen one. */
    readonly candidates: readonly Candidate[] = [],
    /** The whole condition. */
    readonly condition: Predicate = filter,
    /** Which values of the condition no product has, by the statistics: `No product has gender 'Woman'. …` */
    readonly notes: readonly string[] = [],
  ) {}

  /** `index bySubCategory`, `table key` or `scan`. */
  get access(): string {
    return this.path.access === 'index'
      ? `index ${this.path.index.name}`
      : this.path.access === 'key'
        ? 'table key'
        : 'scan';
  }

  /** What of the filter DynamoDB applies, before it answers. It applies none to what is read by the table's key. */
  get filteredByDynamo(): Predicate {
    return this.#splitFilter().sent;
  }

  /** What of the filter is applied here: more, or more deeply nested, than DynamoDB takes. */
  get filteredHere(): Predicate {
    return this.#splitFilter().here;
  }

  #splitFilter(): SplitFilter {
    return (this.#split ??=
      this.path.access === 'key' ? { sent: and([]), here: this.filter } : splitFilter(this.filter));
  }

  /** `index bySubCategory, 1,444 of 39,930 products read, 48.5 read units (a scan: 1,335)` */
  toString(): string {
    return `${this.access}${this.#costText()}${this.#hereText()}`;
  }

  #costText(): string {
    if (!this.estimate) return ' (no statistics to estimate its cost: seed the catalogue to its end)';
    const { productsRead, products, readUnits, scanReadUnits } = this.estimate;
    return (
      `, ${count(productsRead)} of ${count(products)} products read, ${count(readUnits)} read units (a scan: ` +
      `${count(scanReadUnits)})`
    );
  }

  #hereText(): string {
    const here = this.path.access === 'key' ? '' : predicateText(this.filteredHere);
    return here && `; too long for DynamoDB, so filtered here: ${here}`;
  }

  [inspect.custom](): string {
    return [this, ...this.notes].join('\n');
  }
}

/** An index is not used where it would take more queries than this, one for each partition. */
const maxPartitions = 100;

/**
 * Chooses the cheapest access path for a condition: the table's key, an index for which the condition names the values
 * of all fields, or a parallel scan. Without statistics it takes the first index that can be used, since the schema
 * names the most selective one first.
 *
 * @throws PipelineError `condition.…` where the condition is not one.
 *
 * @example
 * String(plan({ subCategory: 'Shoes', year: { gt: 2012 } }, await catalogue.statistics()));
 * // 'index bySubCategory, 1,444 of 39,930 products read, 48.5 read units (a scan: 1,335)'
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
  const indexes = schemaIndexes(schema);
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
  return new Plan(
    path,
    filter,
    estimate,
    schema,
    [
      candidate('table key', byKey),
      ...indexes.map(({ name }, i) => candidate(`index ${name}`, byIndex[i])),
      candidate('scan', scan),
    ],
    predicate,
    statistics && unknownValues(predicate, statistics),
  );
}

/** Half a unit reads 4 KB: reads are eventually consistent. */
const unitsToRead = (bytes: number): number => Math.ceil(bytes / 4096) / 2;
const scanUnits = (statistics: Statistics): number => unitsToRead(statistics.bytes);

function planByKey(predicate: Predicate, statistics: Statistics | undefined): Plan | undefined {
  const named = namedValues('id', conjuncts(predicate));
  if (!named) return undefined;
  // An id that DynamoDB cannot hold is no product's.
  const ids = named.values.filter((id): id is ProductId =>
    typeof id === 'number' ? isHeld(id) : typeof id === 'string' && textIdFault(id) === undefined,
  );
  // DynamoDB charges each item of a batch read separately: at least half a unit.
  return new Plan(
    { access: 'key', ids },
    and(named.rest),
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
  // One that was just added, and whose products are not counted yet.
  if (statistics && !Object.hasOwn(statistics.indexes, index.name)) return undefined;
  let rest = conjuncts(predicate);
  let partitions: Value[][] = [[]];
  for (const field of index.hash) {
    const named = namedValues(field, rest);
    if (!named) return undefined;
    rest = named.rest;
    partitions = partitions.flatMap((values) => named.values.map((value) => [...values, value]));
    if (partitions.length > maxPartitions) return undefined;
  }
  // DynamoDB does not filter by attributes of the index's key.
  if (index.hash.some((field) => rest.some((part) => testedFields(part).has(field)))) return undefined;
  const range = sortRange(rest, schema);
  const sortKeys = [range.low, range.high] as const;
  const keys = range.low > range.high ? [] : partitions.map(partitionKey).filter(isPartitionKey);
  const ranges = keys.map((partition): KeyRange => (range.bounded ? { partition, sortKeys } : { partition }));
  return new Plan(
    { access: 'index', index, ranges },
    and(range.rest),
    statistics && estimate(index, ranges, statistics, schema),
  );
}

function estimate(index: Index, ranges: readonly KeyRange[], statistics: Statistics, schema: Schema): Estimate {
  const bytesEach = statistics.products === 0 ? 0 : statistics.bytes / statistics.products;
  let productsRead = 0;
  let readUnits = 0;
  for (const { partition, sortKeys } of ranges) {
    const counts = statistics.indexes[index.name]?.[partition] ?? {};
    const products = sortKeys
      ? productsWithin(counts, sortKeys, schema)
      : Object.values(counts).reduce((sum, count) => sum + count, 0);
    productsRead += products;
    readUnits += Math.max(0.5, unitsToRead(products * bytesEach));
  }
  return { productsRead, products: statistics.products, readUnits, scanReadUnits: scanUnits(statistics) };
}

/**
 * The only values that a field can have, as the tests that must hold name them, and the other conjuncts; undefined
 * where no test names values.
 */
function namedValues(field: string, parts: readonly Predicate[]): { values: Value[]; rest: Predicate[] } | undefined {
  const own = parts.filter((part) => part.kind === 'test' && part.field === field);
  const naming = own.find(
    (part): part is ValueTest | ListTest => part.kind === 'test' && (part.operator === 'eq' || part.operator === 'in'),
  );
  if (!naming) return undefined;
  const named = naming.operator === 'in' ? naming.value : [naming.value];
  const holds = matcher(and(own));
  const tested = new Set<Predicate>(own);
  return {
    values: named.filter((value) => holds({ id: 0, [field]: value })),
    rest: parts.filter((part) => !tested.has(part)),
  };
}

interface SortRange {
  /** Whether any test limits the field that the indexes sort by; if not, products without a value are included. */
  bounded: boolean;
  /** The range of the sort keys, `<text of the value>#<id>`: those of a value are between `<text>#` and `<text>$`. */
  low: string;
  high: string;
  rest: Predicate[];
}

/** Between the sort keys of products without a value, and all of those with one. */
const [lowest, highest] = ['.', '~'];

/** The sort keys of the products that the tests of the field that the schema sorts by allow. */
function sortRange(parts: readonly Predicate[], { sort, fields }: Schema): SortRange {
  const range: SortRange = { bounded: false, low: lowest, high: highest, rest: [] };
  const { sortText } = kindOf(fields[sort ?? ''] ?? 'boolean');
  for (const part of parts) {
    const bounds = sortText && part.kind === 'test' && part.field === sort ? allowedRange(part, sortText) : undefined;
    if (!bounds) {
      range.rest.push(part);
      continue;
    }
    range.bounded = true;
    if (bounds[0] > range.low) range.low = bounds[0];
    if (bounds[1] < range.high) range.high = bounds[1];
    if (part.kind === 'test' && part.operator === 'in') range.rest.push(part);
  }
  return range;
}

function allowedRange(test: Comparison, sortText: (value: Value) => string): readonly [string, string] | undefined {
  if (ordersRareCharacters(test)) return undefined;
  const below = (value: Value) => `${sortText(value)}#`;
  const above = (value: Value) => `${sortText(value)}$`;
  switch (test.operator) {
    case 'eq':
      return [below(test.value), above(test.value)];
    case 'gt':
      return [above(test.value), highest];
    case 'gte':
      return [below(test.value), highest];
    case 'lt':
      return [lowest, below(test.value)];
    case 'lte':
      return [lowest, above(test.value)];
    case 'between':
      return [below(test.value[0]), above(test.value[1])];
    case 'in': {
      const keys = test.value.map(sortText).sort();
      return [`${keys[0]}#`, `${keys.at(-1)}$`];
    }
    default:
      return undefined;
  }
}
