import { isHeld } from '../field-types/index.js';
import type { Schema } from '../schema.js';
import { Expressions, shortLists } from './expression.js';
import type { TablePath } from './layout-paths.js';
import { and, conjuncts, type Predicate, testsOf } from './predicate.js';
import { ordersRareCharacters, valuesOf } from './rare-characters.js';
import { isSendable } from './sendable.js';

/** A filter in two parts, which must both hold. */
export interface SplitFilter {
  /** What DynamoDB filters, before it answers. */
  sent: Predicate;
  /** What is filtered here, since DynamoDB would refuse it or be long about it. */
  here: Predicate;
}

/**
 * What DynamoDB accepts as an expression: 4 KB of text, of which some are left for longer placeholders, and 300
 * operators and functions.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const most = {
  bytes: 4000,
  operators: 300,
  values: 1000,
  /** Parentheses within parentheses: each level takes the embedded emulator four times as long to read. */
  nesting: 2,
};

/**
 * Splits a filter: as many of its conjuncts as DynamoDB takes are for DynamoDB, the shortest ones first.
 *
 * @param path How a table that another system made is read; undefined for a scan.
 */
export function splitFilter(filter: Predicate, schema: Schema, path?: TablePath): SplitFilter {
  const parts = conjuncts(filter);
  const sizes = new Map(
    parts.filter((part) => isSendable(part, schema, path)).map((part) => [part, sizeOf(part, schema)]),
  );
  const inOrder = [...sizes].sort(([, a], [, b]) => a.bytes - b.bytes);
  const sent = new Set<Predicate>();
  let bytes = 0;
  let operators = 0;
  for (const [part, size] of inOrder) {
    if (size.nesting > most.nesting) continue;
    bytes += size.bytes;
    operators += size.operators;
    if (bytes > most.bytes || operators > most.operators) break;
    sent.add(part);
  }
  return { sent: and(parts.filter((part) => sent.has(part))), here: and(parts.filter((part) => !sent.has(part))) };
}

/** How much of an expression a conjunct takes, at most. What no expression can hold is infinitely long. */
function sizeOf(part: Predicate, schema: Schema): { bytes: number; operators: number; nesting: number } {
  const tests = testsOf(part);
  const values = tests.flatMap(valuesOf);
  if (
    values.length > most.values ||
    values.some((value) => typeof value === 'number' && !isHeld(value)) ||
    tests.some(ordersRareCharacters)
  )
    return { bytes: Infinity, operators: Infinity, nesting: 0 };
  const short = shortLists(part);
  return {
    // ' AND ', its parentheses, and up to two more digits in each placeholder.
    bytes: Buffer.byteLength(new Expressions(schema).filter(part) ?? '') + 7 + 2 * values.length,
    operators: operatorsOf(short) + 1,
    nesting: nestingOf(and([short, short])),
  };
}

/** The operators and functions of a predicate, as DynamoDB counts them. */
function operatorsOf(predicate: Predicate): number {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.parts.reduce((sum, part) => sum + operatorsOf(part) + 1, -1);
    case 'not':
      return 1 + operatorsOf(predicate.part);
    case 'test':
      return predicate.operator === 'between' ? 2 : 1;
  }
}

/** How many parentheses stand within each other: only a disjunction within a conjunction needs them. */
function nestingOf(predicate: Predicate): number {
  if (predicate.kind === 'test' || predicate.kind === 'not') return 0;
  return predicate.parts.reduce(
    (most, part) => Math.max(most, nestingOf(part) + (predicate.kind === 'and' && part.kind === 'or' ? 1 : 0)),
    0,
  );
}
