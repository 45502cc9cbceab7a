import { didYouMean, PipelineError } from '../../work/index.js';
import { type Entry, fieldValue } from '../entry.js';
import { fashion, type Product } from '../product.js';
import { columnTypes, type FieldType, type Schema } from '../schema.js';

/** The value of a field. */
export type Value = string | number;

/**
 * What the value of a field must satisfy. Several operators together must all hold. A product without the field
 * satisfies `exists: false` and nothing else.
 *
 * @example
 * const inTheTens: Test<number> = { gte: 2010, lt: 2020 };
 * const { catalogue } = await connect();
 * for await (const { id } of catalogue.query({ year: inTheTens })) console.log(id);
 */
export interface Test<V extends Value = Value> {
  /** Equal to. The same as the value without an operator. */
  eq?: V;
  /** Equal to one of these. */
  in?: readonly V[];
  /** Greater than. Texts are ordered by their UTF-8 bytes. */
  gt?: V;
  /** Greater than or equal to. */
  gte?: V;
  /** Less than. */
  lt?: V;
  /** Less than or equal to. */
  lte?: V;
  /** From the first to the second, both included. */
  between?: readonly [V, V];
  /** Begins with this text. Not for numbers. */
  beginsWith?: V & string;
  /** Whether the product has the field. */
  exists?: boolean;
}

/**
 * Which products to read: fields with a value or a test, and `and`, `or`, `not` with further conditions. All of them
 * must hold. `{}` means every product.
 *
 * @example
 * const { catalogue } = await connect();
 * const fallOrNone: Condition = { or: [{ season: 'Fall' }, { season: { exists: false } }] };
 * const where: Condition = { gender: 'Men', year: { gt: 2012 }, not: { usage: 'Casual' }, and: [fallOrNone] };
 * console.log(await catalogue.query(where).toArray());
 */
export type Condition<P = Product> = { [F in keyof P]?: Extract<P[F], Value> | Test<Extract<P[F], Value>> } & {
  and?: readonly Condition<P>[];
  or?: readonly Condition<P>[];
  not?: Condition<P>;
};

const comparisons = ['eq', 'gt', 'gte', 'lt', 'lte', 'beginsWith'] as const;
const operators = [...comparisons, 'in', 'between', 'exists'] as const;

/** A checked condition as a tree: what the planner, the expressions and `matches` work on. */
export type Predicate =
  | { kind: 'and' | 'or'; parts: readonly Predicate[] }
  | { kind: 'not'; part: Predicate }
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
  operator: 'eq' | 'gt' | 'gte' | 'lt' | 'lte' | 'beginsWith';
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

/**
 * Checks every name and value of a condition against the schema, wherever it comes from (a cell, a command line, a
 * message), and returns it as a tree.
 *
 * @throws PipelineError `condition.unknownField`, `condition.unknownOperator`, `condition.badValue`.
 */
export function parseCondition(condition: unknown, schema: Schema = fashion): Predicate {
  return parsePredicate(condition, columnTypes(schema));
}

type Columns = Readonly<Record<string, FieldType>>;

function parsePredicate(condition: unknown, columns: Columns): Predicate {
  if (!isObject(condition))
    throw bad('The condition', condition, 'an object such as { gender: "Men", year: { gt: 2012 } }');
  const parts = Object.entries(condition).flatMap(([name, value]): Predicate[] => {
    if (value === undefined) return [];
    if (name === 'and' || name === 'or') {
      if (!Array.isArray(value) || value.length === 0) throw bad(`'${name}'`, value, 'a list of conditions');
      return [{ kind: name, parts: value.map((part) => parsePredicate(part, columns)) }];
    }
    if (name === 'not') return [{ kind: 'not', part: parsePredicate(value, columns) }];
    const type = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (type === undefined) {
      const fieldNames = Object.keys(columns);
      throw new PipelineError(
        'condition.unknownField',
        `There is no field '${name}'.${didYouMean(name, fieldNames)} The fields are ` +
          `${fieldNames.join(', ')}; and, or and not combine conditions.`,
        { value: name },
      );
    }
    return isObject(value)
      ? parseTests(name, type, value)
      : [{ kind: 'test', field: name, operator: 'eq', value: checked(name, type, value) }];
  });
  return and(parts);
}

/** The conjunction of predicates; the parts of nested conjunctions become parts of it. */
export function and(parts: readonly Predicate[]): Predicate {
  const flat = parts.flatMap((part) => (part.kind === 'and' ? part.parts : [part]));
  const [only] = flat;
  return flat.length === 1 && only ? only : { kind: 'and', parts: flat };
}

/** The parts that must all hold. */
export const conjuncts = (predicate: Predicate): readonly Predicate[] =>
  predicate.kind === 'and' ? predicate.parts : [predicate];

/** The fields that a predicate tests. */
export function testedFields(predicate: Predicate): Set<string> {
  if (predicate.kind === 'test') return new Set([predicate.field]);
  if (predicate.kind === 'not') return testedFields(predicate.part);
  return new Set(predicate.parts.flatMap((part) => [...testedFields(part)]));
}

/** Whether a product satisfies a predicate; agrees with DynamoDB's filter expressions. */
export function matches(predicate: Predicate, product: Entry): boolean {
  switch (predicate.kind) {
    case 'and':
      return predicate.parts.every((part) => matches(part, product));
    case 'or':
      return predicate.parts.some((part) => matches(part, product));
    case 'not':
      return !matches(predicate.part, product);
    case 'test':
      return holds(predicate, fieldValue(product, predicate.field));
  }
}

function holds(test: Comparison, actual: Value | undefined): boolean {
  if (test.operator === 'exists') return (actual !== undefined) === test.value;
  if (actual === undefined) return false;
  switch (test.operator) {
    case 'eq':
      return actual === test.value;
    case 'gt':
      return compare(actual, test.value) > 0;
    case 'gte':
      return compare(actual, test.value) >= 0;
    case 'lt':
      return compare(actual, test.value) < 0;
    case 'lte':
      return compare(actual, test.value) <= 0;
    case 'beginsWith':
      return String(actual).startsWith(String(test.value));
    case 'in':
      return test.value.includes(actual);
    case 'between':
      return compare(actual, test.value[0]) >= 0 && compare(actual, test.value[1]) <= 0;
  }
}

/** The order of two values: texts by their UTF-8 bytes, as in DynamoDB. */
function compare(a: Value, b: Value): number {
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

function parseTests(field: string, type: FieldType, tests: Record<string, unknown>): Predicate[] {
  const given = Object.entries(tests).filter(([, value]) => value !== undefined);
  if (given.length === 0) throw bad(`The test of '${field}'`, tests, `one of ${operators.join(', ')}`);
  return given.map(([operator, value]): Comparison => {
    const base = { kind: 'test', field } as const;
    const name = comparisons.find((known) => known === operator);
    if (name === 'beginsWith' && type === 'number')
      throw bad(`'${field}' is a number: its 'beginsWith'`, value, 'left out; use between');
    if (name) return { ...base, operator: name, value: checked(field, type, value, operator) };
    if (operator === 'exists') {
      if (typeof value !== 'boolean') throw bad(`'exists' of '${field}'`, value, 'true or false');
      return { ...base, operator, value };
    }
    if (operator === 'in') {
      if (!Array.isArray(value) || value.length === 0) throw bad(`'in' of '${field}'`, value, 'a list of values');
      return { ...base, operator, value: [...new Set(value.map((item) => checked(field, type, item, operator)))] };
    }
    if (operator === 'between') {
      if (!Array.isArray(value) || value.length !== 2)
        throw bad(`'between' of '${field}'`, value, 'a list of two values');
      const range = [checked(field, type, value[0], operator), checked(field, type, value[1], operator)] as const;
      if (compare(...range) > 0) throw bad(`'between' of '${field}'`, value, 'the lower value first');
      return { ...base, operator, value: range };
    }
    throw new PipelineError(
      'condition.unknownOperator',
      `There is no operator '${operator}' (of '${field}').${didYouMean(operator, operators)} The operators ` +
        `are ${operators.join(', ')}.`,
      { value: operator },
    );
  });
}

function checked(field: string, type: FieldType, value: unknown, operator?: string): Value {
  const subject = operator ? `'${operator}' of '${field}'` : `'${field}'`;
  if (type === 'number') {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw bad(subject, value, 'a number, without quotes');
  }
  if (typeof value === 'string' && value !== '') return value;
  throw bad(
    subject,
    value,
    `a text that is not empty${value === '' || value === null ? ` (for products without it: { exists: false })` : ''}`,
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const bad = (subject: string, value: unknown, wanted: string) =>
  new PipelineError(
    'condition.badValue',
    `${subject} is ${JSON.stringify(value) ?? String(value)}; it must be ${wanted}.`,
    { value },
  );
