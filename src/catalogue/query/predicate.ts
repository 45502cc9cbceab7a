import { type Entry, fieldValue } from '../entry.js';
import type { FieldValue } from '../field-types/index.js';

/** A value that a test compares with. */
export type Value = string | number | boolean;

/**
 * A checked condition as a tree, in a normal form: no conjunction within a conjunction, no disjunction within a
 * disjunction, and only tests are negated. A conjunction of nothing is always true, a disjunction of nothing never.
 */
export type Predicate =
  | { kind: 'and' | 'or'; parts: readonly Predicate[] }
  | { kind: 'not'; part: Comparison }
  | Comparison;
/** A test of one field, as the planner and the filter take it. */
export type Comparison = ValueTest | ListTest | RangeTest | PresenceTest;

/** The field of a test. */
export interface FieldTest {
  kind: 'test';
  field: string;
}

/** Compares a field with one value. */
export interface ValueTest extends FieldTest {
  operator: 'eq' | 'gt' | 'gte' | 'lt' | 'lte' | 'beginsWith' | 'contains';
  value: Value;
}

/** Whether a field has one of several values. */
export interface ListTest extends FieldTest {
  operator: 'in';
  value: readonly Value[];
}

/** Whether a field lies between two values, both included. */
export interface RangeTest extends FieldTest {
  operator: 'between';
  value: readonly [Value, Value];
}

/** Whether a product has a field at all. */
export interface PresenceTest extends FieldTest {
  operator: 'exists';
  value: boolean;
}

/** True where all of these are. */
export const and = (parts: readonly Predicate[]): Predicate => joined('and', parts);
/** True where one of these is. */
export const or = (parts: readonly Predicate[]): Predicate => joined('or', parts);

/** True where this is false. A product without the field satisfies the negation of a test of it. */
export function not(part: Predicate): Predicate {
  switch (part.kind) {
    case 'and':
      return or(part.parts.map(not));
    case 'or':
      return and(part.parts.map(not));
    case 'not':
      return part.part;
    case 'test':
      return part.operator === 'exists' ? { ...part, value: !part.value } : { kind: 'not', part };
  }
}

/** Of nothing but constants, one is left: what never holds decides a conjunction, what always holds a disjunction. */
function joined(kind: 'and' | 'or', parts: readonly Predicate[]): Predicate {
  const flat = parts.flatMap((part) => (part.kind === kind ? part.parts : [part]));
  const decided = flat.find((part) => (part.kind === 'and' || part.kind === 'or') && part.parts.length === 0);
  const [only] = flat;
  return decided ?? (flat.length === 1 && only ? only : { kind, parts: flat });
}

/** The parts that must all hold. */
export const conjuncts = (predicate: Predicate): readonly Predicate[] =>
  predicate.kind === 'and' ? predicate.parts : [predicate];

/** The tests of a predicate, negated or not, in their order. */
export function testsOf(predicate: Predicate): Comparison[] {
  if (predicate.kind === 'test') return [predicate];
  return predicate.kind === 'not' ? [predicate.part] : predicate.parts.flatMap(testsOf);
}

/** The fields that a predicate tests. */
export const testedFields = (predicate: Predicate): Set<string> =>
  new Set(testsOf(predicate).map(({ field }) => field));

/** A predicate as a function, which agrees with DynamoDB's filter expressions. */
export function matcher(predicate: Predicate): (product: Entry) => boolean {
  switch (predicate.kind) {
    case 'and': {
      const parts = predicate.parts.map(matcher);
      return (product) => parts.every((part) => part(product));
    }
    case 'or': {
      const parts = predicate.parts.map(matcher);
      return (product) => parts.some((part) => part(product));
    }
    case 'not': {
      const part = matcher(predicate.part);
      return (product) => !part(product);
    }
    case 'test': {
      const holds = valueTest(predicate);
      return (product) => holds(fieldValue(product, predicate.field));
    }
  }
}

/** Whether one product satisfies a predicate. For many products, take `matcher`. */
export const matches = (predicate: Predicate, product: Entry): boolean => matcher(predicate)(product);

function valueTest(test: Comparison): (actual: FieldValue | undefined) => boolean {
  if (test.operator === 'exists') return (actual) => (actual !== undefined) === test.value;
  const holds = definedValueTest(test);
  return (actual) => actual !== undefined && holds(actual);
}

function definedValueTest(test: Exclude<Comparison, PresenceTest>): (actual: FieldValue) => boolean {
  switch (test.operator) {
    case 'eq':
      return (actual) => actual === test.value;
    case 'gt':
      return (actual) => compare(actual, test.value) > 0;
    case 'gte':
      return (actual) => compare(actual, test.value) >= 0;
    case 'lt':
      return (actual) => compare(actual, test.value) < 0;
    case 'lte':
      return (actual) => compare(actual, test.value) <= 0;
    case 'beginsWith':
      return (actual) => String(actual).startsWith(String(test.value));
    case 'contains': {
      const text = String(test.value);
      return (actual) => (typeof actual === 'object' ? actual : String(actual)).includes(text);
    }
    case 'in': {
      const values = new Set<FieldValue>(test.value);
      return (actual) => values.has(actual);
    }
    case 'between':
      return (actual) => compare(actual, test.value[0]) >= 0 && compare(actual, test.value[1]) <= 0;
  }
}

/** The order of two values: texts by their UTF-8 bytes, as in DynamoDB. */
export function compare(a: FieldValue, b: FieldValue): number {
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}
