import type { Row } from '../row.js';

/** What the values of a column are: of a `date` days, of a `time` moments, both as texts of ISO 8601. */
export type ValueType =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'date'
  | 'time'
  | 'string[]'
  | 'number[]'
  | 'json';

/** A column of what is written; each value is of its type, or null. */
export interface Column {
  readonly name: string;
  readonly type: ValueType;
}

/** The columns of rows in the order in which they come up, with the one type that suits all values of each. */
export function columnsOf(rows: readonly Row[]): Column[] {
  const types = new Map<string, ValueType | undefined>();
  for (const row of rows)
    for (const [name, value] of Object.entries(row)) {
      const before = types.get(name);
      types.set(name, before === 'json' || isNothing(value) ? before : joined(before, typeOf(value)));
    }
  return [...types].map(([name, type = 'string']) => ({ name, type }));
}

/** A value as its column has it: null for none, JSON where the column's values are of several kinds. */
export function valueIn({ type }: Column, value: unknown): unknown {
  if (isNothing(value)) return null;
  if (type === 'json') return JSON.stringify(value);
  return type === 'string' && typeof value !== 'string' ? String(value) : value;
}

/** The type of a column whose values are of these two. */
function joined(a: ValueType | undefined, b: ValueType): ValueType {
  if (a === undefined || a === b) return b;
  const both = new Set([a, b]);
  const within = (...types: ValueType[]) => [...both].every((type) => types.includes(type));
  if (within('integer', 'number')) return 'number';
  if (within('string', 'date', 'time', 'integer', 'number', 'boolean')) return 'string';
  return 'json';
}

function typeOf(value: unknown): ValueType {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return typeOfText(value);
  if (!Array.isArray(value)) return 'json';
  if (value.every((one) => typeof one === 'string')) return 'string[]';
  return value.every((one) => typeof one === 'number') ? 'number[]' : 'json';
}

/** Dates as the catalogue keeps them. */
const isoDate = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\.\d{3}Z)?$/;

function typeOfText(text: string): ValueType {
  if (!isoDate.test(text) || Number.isNaN(Date.parse(text))) return 'string';
  return text.length === 10 ? 'date' : 'time';
}

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'number' && !Number.isFinite(value));
