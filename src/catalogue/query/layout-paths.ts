import { isHeld, kindOf } from '../field-types/index.js';
import { cachedBySchema, columnTypes, type Schema } from '../schema.js';
import { attributeOf } from '../store/key.js';
import { isPartitionKey, isSortKey } from '../store/limits.js';
import { namedValues } from './named-values.js';
import { type Comparison, compare, type Predicate, type Value } from './predicate.js';
import { ordersRareCharacters } from './rare-characters.js';

/** A way to read a table that another system made: an index, or the table itself by its key of two fields. */
export interface TablePath {
  /** Undefined for the table itself. */
  readonly name: string | undefined;
  /** The fields of its keys. */
  readonly partition: string;
  readonly sort?: string | undefined;
  readonly projected: 'all' | readonly string[];
}

/** The ways that a layout has: the table's own first. Of a key that is one field, that is the id, and no range. */
export const layoutPaths = cachedBySchema(({ layout }): readonly TablePath[] => {
  if (!layout) return [];
  const { key, indexes } = layout;
  return [...(key.sort === undefined ? [] : [{ name: undefined, ...key, projected: 'all' as const }]), ...indexes];
});

/** A partition of an index: the whole one, or a range of its sort keys. */
export interface KeyRange {
  partition: Value;
  /** Both ends included; either may be open. */
  sortKeys?: readonly [from: Value | undefined, to: Value | undefined];
  /** What the sort keys begin with. */
  prefix?: string;
}

/** Those of some columns that a path has not, in words for a person: the names of fields. */
export function unprojected(
  { partition, sort, projected }: TablePath,
  schema: Schema,
  columns: readonly string[],
): string[] {
  const { layout } = schema;
  if (projected === 'all' || !layout) return [];
  const { key, image } = layout;
  const has = new Set(
    ['id', partition, sort, key.partition, key.sort, ...projected].flatMap((field) =>
      field === undefined ? [] : attributeOf(schema, field),
    ),
  );
  return [...new Set(columns)].filter(
    (column) =>
      !has.has(attributeOf(schema, column)) &&
      !(column === 'imagePath' && (image === undefined || columns.includes(image))),
  );
}

/**
 * The partitions of a path that a condition names, with the range of sort keys that it allows, and what else the
 * condition asks for; undefined where it names none. A range may be wider than the condition, never narrower.
 */
export function rangesOf(
  { partition, sort }: TablePath,
  parts: readonly Predicate[],
  schema: Schema,
): { ranges: KeyRange[]; rest: Predicate[] } | undefined {
  const named = namedValues(partition, parts);
  if (!named) return undefined;
  const type = columnTypes(schema)[sort ?? ''];
  const rest: Predicate[] = [];
  let [low, high]: [Value?, Value?] = [];
  let prefix: string | undefined;
  for (const part of named.rest) {
    const bounds = sort !== undefined && part.kind === 'test' && part.field === sort ? boundsOf(part) : undefined;
    const keys = bounds?.map((bound, i) => (type === 'date' ? aroundDay(bound, i === 0 ? -1 : 1) : bound)) ?? [];
    const [from, to] = keys;
    if (part.kind === 'test' && part.field === sort && part.operator === 'beginsWith' && type === 'string')
      prefix = String(part.value);
    else if (!bounds || keys.some((key) => key !== undefined && !isKey(key))) rest.push(part);
    else {
      if (from !== undefined && (low === undefined || compare(from, low) > 0)) low = from;
      if (to !== undefined && (high === undefined || compare(to, high) < 0)) high = to;
      if (part.kind === 'test' && part.operator === 'in') rest.push(part);
    }
  }
  const empty = low !== undefined && high !== undefined && compare(low, high) > 0;
  const range: Omit<KeyRange, 'partition'> =
    low !== undefined || high !== undefined
      ? { sortKeys: [low, high] }
      : prefix !== undefined && isSortKey(prefix)
        ? { prefix }
        : {};
  const partitions = empty ? [] : named.values.filter((value) => isPartition(value));
  return { ranges: partitions.map((value) => ({ partition: value, ...range })), rest };
}

const isPartition = (value: Value): boolean =>
  typeof value === 'number' ? isHeld(value) : isPartitionKey(String(value));
const isKey = (value: Value): boolean => (typeof value === 'number' ? isHeld(value) : isSortKey(String(value)));

/** What a test allows, from and to: both included, which may be more than it says. */
function boundsOf(test: Comparison): [from: Value | undefined, to: Value | undefined] | undefined {
  if (ordersRareCharacters(test)) return undefined;
  switch (test.operator) {
    case 'eq':
      return [test.value, test.value];
    case 'gt':
    case 'gte':
      return [test.value, undefined];
    case 'lt':
    case 'lte':
      return [undefined, test.value];
    case 'between':
      return [...test.value];
    case 'in': {
      const values = [...test.value].sort(compare);
      return [values[0], values.at(-1)];
    }
    default:
      return undefined;
  }
}

/**
 * A text that sorts before, or after, every way to write a date or a time: other systems write times in zones of their
 * own, so that the day may be the one before or after.
 */
function aroundDay(date: Value | undefined, days: -1 | 1): string | undefined {
  if (date === undefined) return undefined;
  const moved = new Date(Date.parse(String(date).slice(0, 10)) + days * 24 * 60 * 60 * 1000);
  const day = Number.isNaN(moved.getTime()) ? '' : moved.toISOString().slice(0, 10);
  return /^\d{4}-/.test(day) ? `${day}${days < 0 ? '' : '~'}` : undefined;
}

/** So many characters of a sort key's text are told apart in a sample: the day of a date, the cents of a price. */
const sortCharacters = 12;

/** The beginning of a text that sorts as a sort key of this type does. */
export const sortGroupOf = (value: Value, type: string): string =>
  (kindOf(type === 'number' || type === 'date' ? type : 'string').sortText?.(value) ?? '').slice(0, sortCharacters);
