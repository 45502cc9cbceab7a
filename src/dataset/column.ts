import { fieldNameFault } from '../catalogue/index.js';
import { PipelineError } from '../work/index.js';
import type { Row } from './row.js';
import { typeOfValue } from './row-condition.js';

/** A value of a column that is added to rows; null and undefined where a row has none. */
export type ColumnValue = string | number | boolean | readonly string[] | null | undefined;

/** What a column adds to the type of rows. */
export type Column<N extends string, V extends ColumnValue> = {
  readonly [Name in N]: V extends undefined ? null : V;
};

/**
 * Rows with one more column.
 *
 * @throws PipelineError `dataset.badColumn`
 */
export function withColumn<R extends Row, N extends string, V extends ColumnValue>(
  rows: readonly R[],
  name: N,
  value: (row: R, index: number) => V,
): (R & Column<N, V>)[] {
  const fault = /(Predicted|Confidence)$/.test(name) ? 'is the name of a prediction' : fieldNameFault(name);
  if (fault !== undefined) throw badColumn(name, `A column cannot be called '${name}': it ${fault}. Choose another.`);
  const values = rows.map((row, i) => value(row, i) ?? null);
  checkValues(rows, name, values);
  return rows.map((row, i) => ({ ...row, [name]: values[i] }) as R & Column<N, V>);
}

/**
 * Checks that the values of a column can be written, and are of one type.
 *
 * @throws PipelineError `dataset.badColumn`
 */
export function checkValues(rows: readonly Row[], name: string, values: readonly unknown[]): void {
  let first: { type: string; id: Row['id'] } | undefined;
  for (const [i, value] of values.entries()) {
    if (value === null) continue;
    const type = typeOfValue(value);
    const id = rows[i]?.id ?? '';
    if (type === undefined)
      throw badColumn(
        name,
        `The column '${name}' has ${shown(value)} for product ${id}; a value is a text, a finite number, true or ` +
          'false, a list of texts, or null.',
      );
    first ??= { type, id };
    if (type !== first.type)
      throw badColumn(
        name,
        `The column '${name}' is of the type ${first.type} for product ${first.id} and ${type} for product ${id}; ` +
          'all its values are of one type.',
      );
  }
}

const badColumn = (name: string, message: string) => new PipelineError('dataset.badColumn', message, { value: name });

/** A value in an error: `a Date`, `NaN`. */
function shown(value: unknown): string {
  if (value instanceof Promise) return 'a promise (await the values first)';
  if (typeof value === 'object' && value !== null) return `a value of the type ${value.constructor?.name ?? 'object'}`;
  return typeof value === 'number' ? String(value) : `a ${typeof value}`;
}
