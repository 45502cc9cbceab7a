import { inspect } from 'node:util';
import { count } from '../../work/index.js';
import { isHeld, kindOf } from '../field-types/index.js';
import { type ProductId, textIdFault } from '../id.js';
import { fashion } from '../product.js';
import { columnNames, type Schema } from '../schema.js';
import { type Index, partitionKey, schemaIndexes } from '../store/items.js';
import { keyOfId } from '../store/key.js';
import { isPartitionKey } from '../store/limits.js';
import { isSampled, sampledWithin } from '../store/sample-counter.js';
import { productsWithin, type Statistics } from '../store/statistics.js';
import { parseCondition } from './condition.js';
import { type KeyRange, layoutPaths, rangesOf, type TablePath, unprojected } from './layout-paths.js';
import { namedValues } from './named-values.js';
import { and, type Comparison, conjuncts, type Predicate, testedFields, type Value } from './predicate.js';
import { predicateText } from './predicate-text.js';
import { ordersRareCharacters } from './rare-characters.js';
import { type SplitFilter, splitFilter } from './split.js';
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
  /** Set where a sample of the products was counted, instead of all. */
  sampled?: true;
}

/**
 * How the products are read: by their ids, by the partitions of an index, or by a scan of the whole table. An index of
 * another system's table that lacks fields tells the keys alone (`thenByKey`), by which the products are read.
 */
export type Access =
  | { access: 'key'; ids: readonly ProductId[] }
  | { access: 'index'; index: Index | TablePath; ranges: readonly KeyRange[]; thenByKey?: boolean }
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
    return this.path.access === 'index' ? accessOf(this.path.index) : this.path.access === 'key' ? 'table key' : 'scan';
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
    if (this.path.access === 'key') return { sent: and([]), here: this.filter };
    return (this.#split ??= splitFilter(this.filter, this.schema, this.#pathIfTheirs()));
  }

  /** The path, where it is one of a table that another system made. */
  #pathIfTheirs(): TablePath | undefined {
    return this.path.access === 'index' && 'projected' in this.path.index ? this.path.index : undefined;
  }

  /** `index bySubCategory, 1,444 of 39,930 products read, 48.5 read units (a scan: 1,335)` */
  toString(): string {
    return `${this.access}${this.#secondText()}${this.#costText()}${this.#hereText()}`;
  }

  #secondText(): string {
    const path = this.#pathIfTheirs();
    if (!path || this.path.access !== 'index' || !this.path.thenByKey) return '';
    const lacks = unprojected(path, this.schema, columnNames(this.schema));
    const named = [...lacks.slice(0, 3), ...(lacks.length > 3 ? ['…'] : [])].join(', ');
    return `, then each product by its key (the index lacks ${named})`;
  }

  #costText(): string {
    if (!this.estimate)
      return ` (no statistics to estimate its cost${this.schema.layout ? '' : ': seed the catalogue to its end'})`;
    const { productsRead, products, readUnits, scanReadUnits, sampled } = this.estimate;
    return (
      `, ${sampled && productsRead < products ? 'about ' : ''}${count(productsRead)} of ${count(products)} products ` +
      `read, ${count(readUnits)} read units (a scan: ${count(scanReadUnits)})`
    );
  }

  #hereText(): string {
    const here = this.path.access === 'key' ? '' : predicateText(this.filteredHere);
    return here && `; ${this.schema.layout ? '' : 'too long for DynamoDB, so '}filtered here: ${here}`;
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
export function plan(
  condition: unknown,
  statistics?: Statistics,
  schema: Schema = fashion,
  fields: readonly string[] = columnNames(schema),
): Plan {
  const predicate = parseCondition(condition, schema);
  const scan = new Plan(
    { access: 'scan' },
    predicate,
    statistics && estimateOf(statistics, statistics.products, scanUnits(statistics)),
  );
  const byKey = planByKey(predicate, statistics, schema);
  const paths = schema.layout ? layoutPaths(schema) : schemaIndexes(schema);
  const byPath = paths.map((path) =>
    'projected' in path
      ? planByPath(path, predicate, statistics, schema, fields)
      : planByIndex(path, predicate, statistics, schema),
  );
  const fitting = byPath.filter((candidate) => candidate !== undefined);
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
  const byTableKey = paths.findIndex((each) => accessOf(each) === tableKeyAccess);
  return new Plan(
    path,
    filter,
    estimate,
    schema,
    [
      candidate(tableKeyAccess, byKey ?? byPath[byTableKey]),
      ...paths.flatMap((each, i) => (i === byTableKey ? [] : candidate(accessOf(each), byPath[i]))),
      candidate('scan', scan),
    ],
    predicate,
    statistics && unknownValues(predicate, statistics),
  );
}

const tableKeyAccess = 'table key';
const accessOf = ({ name }: Index | TablePath): string => (name === undefined ? tableKeyAccess : `index ${name}`);

const estimateOf = (statistics: Statistics, productsRead: number, readUnits: number): Estimate => ({
  productsRead,
  products: statistics.products,
  readUnits,
  scanReadUnits: scanUnits(statistics),
  ...(isSampled(statistics) && { sampled: true }),
});

/** Half a unit reads 4 KB: reads are eventually consistent. */
const unitsToRead = (bytes: number): number => Math.ceil(bytes / 4096) / 2;
const scanUnits = (statistics: Statistics): number => unitsToRead(statistics.bytes);

function planByKey(predicate: Predicate, statistics: Statistics | undefined, schema: Schema): Plan | undefined {
  const parts = conjuncts(predicate);
  const { key } = schema.layout ?? {};
  // Of a table with one key, that is the id.
  const named = namedValues('id', parts) ?? (key && key.sort === undefined && namedValues(key.partition, parts));
  if (!named) return undefined;
  // An id that DynamoDB cannot hold is no product's.
  const possible = named.values
    .map((value) => (schema.id === 'string' && typeof value === 'number' ? String(value) : value))
    .filter((id): id is ProductId =>
      typeof id === 'number' ? isHeld(id) : typeof id === 'string' && textIdFault(id) === undefined,
    );
  const ids = schema.layout ? possible.filter((id) => keyOfId(id, schema) !== undefined) : possible;
  // DynamoDB charges each item of a batch read separately: at least half a unit.
  return new Plan(
    { access: 'key', ids },
    and(named.rest),
    statistics && estimateOf(statistics, ids.length, ids.length / 2),
  );
}

/** By an index of a table that another system made, or by its own key. */
function planByPath(
  path: TablePath,
  predicate: Predicate,
  statistics: Statistics | undefined,
  schema: Schema,
  fields: readonly string[],
): Plan | undefined {
  const found = rangesOf(path, conjuncts(predicate), schema);
  if (!found || found.ranges.length > maxPartitions) return undefined;
  const { ranges, rest } = found;
  const thenByKey = unprojected(path, schema, [...fields, ...testedFields(predicate)]).length > 0;
  const access = { access: 'index' as const, index: path, ranges, ...(thenByKey && { thenByKey }) };
  if (!statistics) return new Plan(access, and(rest), undefined);
  let productsRead = 0;
  let readUnits = 0;
  for (const range of ranges) {
    const products = sampledWithin(statistics, path, range, schema);
    productsRead += products;
    readUnits += Math.max(0.5, unitsToRead(products * bytesEach(statistics)));
  }
  if (thenByKey) readUnits += productsRead * unitsToRead(bytesEach(statistics));
  // Half a unit is the least that is charged.
  return new Plan(access, and(rest), estimateOf(statistics, Math.round(productsRead), Math.ceil(2 * readUnits) / 2));
}

/** A partition of an index of the kit's own, whose keys are texts. */
interface OwnRange {
  partition: string;
  sortKeys?: readonly [from: string, to: string];
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
  const ranges = keys.map((partition): OwnRange => (range.bounded ? { partition, sortKeys } : { partition }));
  return new Plan(
    { access: 'index', index, ranges },
    and(range.rest),
    statistics && estimate(index, ranges, statistics, schema),
  );
}

const bytesEach = ({ products, bytes }: Statistics): number => (products === 0 ? 0 : bytes / products);

function estimate(index: Index, ranges: readonly OwnRange[], statistics: Statistics, schema: Schema): Estimate {
  let productsRead = 0;
  let readUnits = 0;
  for (const { partition, sortKeys } of ranges) {
    const counts = statistics.indexes[index.name]?.[partition] ?? {};
    const products = sortKeys
      ? productsWithin(counts, sortKeys, schema)
      : Object.values(counts).reduce((sum, count) => sum + count, 0);
    productsRead += products;
    readUnits += Math.max(0.5, unitsToRead(products * bytesEach(statistics)));
  }
  return estimateOf(statistics, productsRead, readUnits);
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
