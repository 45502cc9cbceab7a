import { inspect } from 'node:util';
import { count, didYouMean, PipelineError } from '../../work/index.js';
import { type FieldType, kindOf } from '../field-types/index.js';
import { fashion, type Product } from '../product.js';
import { columnTypes, type Schema } from '../schema.js';
import { and, compare, not, or, type Predicate, type Value } from './predicate.js';

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
  /** Begins with this text. For texts and dates. */
  beginsWith?: V & string;
  /** Has this text in it, in the same case. For texts. */
  contains?: V & string;
  /** Whether the product has the field. */
  exists?: boolean;
}

/**
 * What a list of texts must satisfy.
 *
 * @example
 * const shop = defineSchema({ id: 'string', fields: { tags: 'string[]' } });
 * const sale: ListCondition = { contains: 'sale' };
 * const where: Condition<NonNullable<typeof shop.product>> = { tags: sale };
 */
export interface ListCondition {
  /** Has this text among its own. */
  contains?: string;
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
export type Condition<P = Product> = string extends keyof P ? AnyCondition : KnownCondition<P>;

/** A condition on products whose fields the compiler does not know: what is wrong with it is said when it is read. */
export type AnyCondition = Readonly<Record<string, unknown>>;

/** A condition on products of known fields. */
export type KnownCondition<P> = {
  [F in keyof P]?: NonNullable<P[F]> extends readonly string[]
    ? ListCondition
    : Extract<P[F], Value> | Test<Extract<P[F], Value>>;
} & {
  and?: readonly Condition<P>[];
  or?: readonly Condition<P>[];
  not?: Condition<P>;
};

const comparisons = ['eq', 'gt', 'gte', 'lt', 'lte', 'beginsWith', 'contains'] as const;
const operators = [...comparisons, 'in', 'between', 'exists'] as const;

/** Those that make sense for values of a type. */
const ordered = ['eq', 'gt', 'gte', 'lt', 'lte', 'in', 'between', 'exists'];
const operatorsOf: Record<FieldType, readonly string[]> = {
  number: ordered,
  string: operators,
  date: [...ordered, 'beginsWith'],
  boolean: ['eq', 'in', 'exists'],
  'string[]': ['contains', 'exists'],
};

/** A condition nested deeper than this is an accident of the program that made it. */
const maxDepth = 100;
/** A job keeps its condition in an item of DynamoDB, which holds 400 KB. */
const maxBytes = 256 * 1024;

/**
 * Checks every name and value of a condition against the schema, wherever it comes from (a cell, a command line, a
 * message), and returns it as a tree.
 *
 * @throws PipelineError `condition.unknownField`, `condition.unknownOperator`, `condition.badValue`,
 * `condition.tooDeep` where it is nested more than 100 levels deep, `condition.tooLong` where it has more than 256 KB.
 */
export function parseCondition(condition: unknown, schema: Schema = fashion): Predicate {
  const columns = columnTypes(schema);
  let objects = 0;
  const parse = (part: unknown, depth: number): Predicate => {
    // An object has three bytes at least. One that contains itself would never come to an end.
    if (++objects * 3 > maxBytes) throw tooLong(`more than ${count(maxBytes)}`);
    return parsePredicate(part, columns, depth, parse);
  };
  const predicate = parse(condition, 1);
  const bytes = Buffer.byteLength(JSON.stringify(condition));
  if (bytes > maxBytes) throw tooLong(count(bytes));
  return predicate;
}

const tooLong = (bytes: string) =>
  new PipelineError(
    'condition.tooLong',
    `The condition has ${bytes} bytes as JSON; it may have ${count(maxBytes)}. Name fewer values, or read the ` +
      'products by a shorter condition and filter them in the program.',
    { value: bytes },
  );

type Columns = Readonly<Record<string, FieldType>>;

function parsePredicate(
  condition: unknown,
  columns: Columns,
  depth: number,
  parse: (part: unknown, depth: number) => Predicate,
): Predicate {
  if (depth > maxDepth)
    throw new PipelineError(
      'condition.tooDeep',
      `The condition is nested more than ${maxDepth} levels deep. Give the parts of nested 'and' or 'or' as one list.`,
      { value: maxDepth },
    );
  if (!isObject(condition))
    throw bad('The condition', condition, 'an object such as { gender: "Men", year: { gt: 2012 } }');
  const parts = Object.entries(condition).flatMap(([name, value]): Predicate[] => {
    if (value === undefined) return [];
    if (name === 'and' || name === 'or') {
      if (!Array.isArray(value) || value.length === 0) throw bad(`'${name}'`, value, 'a list of conditions');
      const parts = value.map((part) => parse(part, depth + 1));
      return [name === 'and' ? and(parts) : or(parts)];
    }
    if (name === 'not') return [not(parse(value, depth + 1))];
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

function parseTests(field: string, type: FieldType, tests: Record<string, unknown>): Predicate[] {
  const given = Object.entries(tests).filter(([, value]) => value !== undefined);
  if (given.length === 0) throw bad(`The test of '${field}'`, tests, `one of ${operators.join(', ')}`);
  return given.map(([operator, value]): Predicate => {
    const base = { kind: 'test', field } as const;
    const name = comparisons.find((known) => known === operator);
    const known = operatorsOf[type];
    if (!known.includes(operator) && operators.some((each) => each === operator))
      throw bad(
        `'${field}' is ${kindOf(type).title || 'a text'}: its '${operator}'`,
        value,
        `left out; use ${known.join(', ')}`,
      );
    if (name === 'contains') return { ...base, operator: name, value: checked(field, 'string', value, operator) };
    if (name) return { ...base, operator: name, value: checked(field, type, value, operator) };
    if (operator === 'exists') {
      if (typeof value !== 'boolean') throw bad(`'exists' of '${field}'`, value, 'true or false');
      return { ...base, operator, value };
    }
    if (operator === 'in') {
      if (!Array.isArray(value) || value.length === 0) throw bad(`'in' of '${field}'`, value, 'a list of values');
      const values = [...new Set(value.map((item) => checked(field, type, item, operator)))];
      // The embedded emulator's IN does not find false.
      if (type === 'boolean') return or(values.map((each) => ({ ...base, operator: 'eq', value: each })));
      return { ...base, operator, value: values };
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
  // `beginsWith` of a date takes a part of one: 2024-05.
  const kind = kindOf(operator === 'beginsWith' ? 'string' : type);
  const found = kind.valueOf(value);
  if (found !== undefined && typeof found !== 'object') return found;
  if (found !== undefined) throw bad(subject, value, "a test, such as { contains: 'a text' }");
  throw bad(
    subject,
    value,
    `${kind.wanted}${value === '' || value === null ? ` (for products without it: { exists: false })` : ''}`,
  );
}

/** A Map, a Date or a RegExp has no entries, so that it would stand for every product. */
const isObject = (value: unknown): value is Record<string, unknown> =>
  Object.prototype.toString.call(value) === '[object Object]';

const bad = (subject: string, value: unknown, wanted: string) =>
  new PipelineError('condition.badValue', `${subject} is ${shown(value)}; it must be ${wanted}.`, { value });

/** A value as JSON, of which a long one is cut off; as Node shows it where it has none. */
function shown(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    text = inspect(value, { depth: 1, breakLength: Infinity });
  }
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
