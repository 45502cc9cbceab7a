import {
  type Condition,
  columnTypes,
  type FieldType,
  fashion,
  matcher,
  parseCondition,
  predicateText,
} from '../catalogue/index.js';
import type { Row } from './row.js';
import type { ViewStep } from './view.js';

/** The columns of rows that the compiler knows by name. */
type Known<R> = { [N in keyof R as string extends N ? never : N]?: NonNullable<R[N]> };

/**
 * Which rows of a data set to take: a condition as queries have it, on any column of the rows.
 *
 * @example
 * const where: RowCondition = { season: 'Fall', not: { usage: 'Casual' } };
 * console.log(String(shoes.where(where)));
 */
export type RowCondition<R extends Row = Row> = Condition<Known<R>> & { readonly [column: string]: unknown };

/**
 * A condition as a function of rows, and as a step of a view.
 *
 * @throws PipelineError `condition.…`
 */
export function rowFilter<R extends Row>(
  rows: readonly R[],
  condition: unknown,
): { matches: (row: R) => boolean; step: ViewStep } {
  const { id = 'number', imagePath: _, ...fields } = typesOf(rows);
  const predicate = parseCondition(condition, { id: id === 'string' ? id : 'number', fields, indexes: [] });
  const where: unknown = JSON.parse(JSON.stringify(condition));
  return { matches: matcher(predicate), step: { step: 'where', words: predicateText(predicate) || 'all rows', where } };
}

/** The types of the columns of rows, by their first value; of those without any, as the fashion catalogue has them. */
export function typesOf(rows: readonly Row[]): Record<string, FieldType> {
  const types: Record<string, FieldType | undefined> = {};
  for (const row of rows)
    for (const [name, value] of Object.entries(row))
      if (types[name] === undefined) types[name] = value === null ? undefined : typeOfValue(value);
  const known: Readonly<Record<string, FieldType>> = columnTypes(fashion);
  const own = Object.entries(types).map(([name, type]) => [name, type ?? known[name] ?? 'string'] as const);
  return Object.fromEntries(own.length > 0 ? own : Object.entries(known));
}

/** The type of a value that conditions can test; undefined where it is of none. */
export function typeOfValue(value: unknown): FieldType | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value === 'string' ? 'string' : 'boolean';
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : undefined;
  return Array.isArray(value) && value.every((each) => typeof each === 'string') ? 'string[]' : undefined;
}
