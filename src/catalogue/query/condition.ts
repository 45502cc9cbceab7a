import { didYouMean, PipelineError } from '../../work/index.js';
import { type Entry, fieldValue } from '../entry.js';
import { fashion, type Product } from '../product.js';
import { columnsOf, type FieldType, type Schema } from '../schema.js';

type Value = string | number;

/**
 * What a value must satisfy; several operators together must all hold. A product without the field satisfies none but
 * `exists: false`.
 */
export interface Test<V extends Value = Value> {
  eq?: V;
  in?: readonly V[];
  gt?: V;
  gte?: V;
  lt?: V;
  lte?: V;
  /** From the first to the second, both included. */
  between?: readonly [V, V];
  /** Text only. */
  beginsWith?: V & string;
  exists?: boolean;
}

/**
 * Which products are meant: fields with a value or a test, all of which must hold, and `and`, `or`, `not` of further
 * conditions. `{}` means every product.
 *
 * @example
 * const condition: Condition = { gender: 'Men', year: { gt: 2012 }, or: [{ season: 'Fall' }, { season: { exists: false } }] };
 */
export type Condition<P = Product> = { [F in keyof P]?: Extract<P[F], Value> | Test<Extract<P[F], Value>> } & {
  and?: readonly Condition<P>[];
  or?: readonly Condition<P>[];
  not?: Condition<P>;
};

const comparisons = ['eq', 'gt', 'gte', 'lt', 'lte', 'beginsWith'] as const;
const operators = [...comparisons, 'in', 'between', 'exists'] as const;

/** A condition taken apart: what the planner, the expressions and `matches` work on. */
export type Predicate =
  | { kind: 'and' | 'or'; parts: readonly Predicate[] }
  | { kind: 'not'; part: Predicate }
  | Comparison;
export type Comparison = { kind: 'test'; field: string } & (
  | { operator: (typeof comparisons)[number]; value: Value }
  | { operator: 'in'; value: readonly Value[] }
  | { operator: 'between'; value: readonly [Value, Value] }
  | { operator: 'exists'; value: boolean }
);

/**
 * Takes a condition apart, checking every name and value by the schema, whoever wrote it (a cell, a command line, a
 * message).
 *
 * @throws PipelineError `condition.unknownField`, `condition.unknownOperator`, `condition.badValue`.
 */
export function parseCondition(condition: unknown, schema: Schema = fashion): Predicate {
  return predicateOf(condition, columnsOf(schema));
}

type Columns = Readonly<Record<string, FieldType>>;

function predicateOf(condition: unknown, columns: Columns): Predicate {
  if (!isObject(condition))
    throw bad('The condition', condition, 'an object such as { gender: "Men", year: { gt: 2012 } }');
  const parts = Object.entries(condition).flatMap(([name, value]): Predicate[] => {
    if (value === undefined) return [];
    if (name === 'and' || name === 'or') {
      if (!Array.isArray(value) || value.length === 0) throw bad(`'${name}'`, value, 'a list of conditions');
      return [{ kind: name, parts: value.map((part) => predicateOf(part, columns)) }];
    }
    if (name === 'not') return [{ kind: 'not', part: predicateOf(value, columns) }];
    const type = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (type === undefined) {
      const fieldNames = Object.keys(columns);
      throw new PipelineError(
        'condition.unknownField',
        `There is no field '${name}'.${didYouMean(name, fieldNames)} The fields are ` +
          `${fieldNames.join(', ')}, and and, or, not.`,
        { value: name },
      );
    }
    return isObject(value)
      ? testsOf(name, type, value)
      : [{ kind: 'test', field: name, operator: 'eq', value: checked(name, type, value) }];
  });
  return and(parts);
}

/** The conjunction of predicates, nested ones laid flat. */
export function and(parts: readonly Predicate[]): Predicate {
  const flat = parts.flatMap((part) => (part.kind === 'and' ? part.parts : [part]));
  const [only] = flat;
  return flat.length === 1 && only ? only : { kind: 'and', parts: flat };
}

/** The parts that must all hold. */
export const conjuncts = (predicate: Predicate): readonly Predicate[] =>
  predicate.kind === 'and' ? predicate.parts : [predicate];

/** The fields that a predicate looks at. */
export function fieldsOf(predicate: Predicate): Set<string> {
  if (predicate.kind === 'test') return new Set([predicate.field]);
  if (predicate.kind === 'not') return fieldsOf(predicate.part);
  return new Set(predicate.parts.flatMap((part) => [...fieldsOf(part)]));
}

/** Whether a product satisfies a predicate; the same answer as DynamoDB's filter expressions give. */
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

/** Text by its UTF-8 bytes, as DynamoDB orders it. */
function compare(a: Value, b: Value): number {
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

function testsOf(field: string, type: FieldType, tests: Record<string, unknown>): Predicate[] {
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
