import { PipelineError } from '../../work/index.js';
import type { Entry } from '../entry.js';
import { type FieldType, type FieldValue, kindOf, type ValueFault } from '../field-types/index.js';
import { imageName, type ProductId } from '../id.js';
import type { Schema } from '../schema.js';
import { itemFault } from '../store/limits.js';
import { idOfText, yearFault } from './ids-and-years.js';

/** What the columns of a file mean. */
export interface Columns {
  schema: Schema;
  /** The column of the ids. */
  id: string;
  /** The column of the images' file names; undefined where those are found by the id. */
  image: string | undefined;
  /** Texts that stand for no value; the empty text always does. */
  missing: readonly string[];
  /** What stands between the texts of a list. */
  listSeparator: string;
}

/** The values of a row as a product. */
export interface RowValues<P extends Entry> {
  product: P;
  /** The name of the image's file; empty where the row has none. */
  image: string;
  /** The id where it was written in another way than the product has it: with zeros before it. */
  idAsWritten: string | undefined;
}

/**
 * Makes the function that turns the values of a row into a product; missing values become absent fields. It throws
 * `source.badId`, `source.badYear`, `source.badNumber`, `source.longKey`, `source.longRow`.
 *
 * @param missing Counts the missing values of each field.
 */
export function rowReader<P extends Entry>(
  header: readonly string[],
  columns: Columns,
  missing: Record<string, number>,
): (cells: readonly unknown[]) => RowValues<P> {
  const { schema, id: idColumn, image: imageColumn } = columns;
  const absent = new Set<unknown>(['', null, undefined, ...columns.missing]);
  const reader = (column: string) => {
    const at = header.indexOf(column);
    return (cells: readonly unknown[]): unknown => {
      const cell = cells[at];
      return typeof cell === 'string' ? cell.trim() : cell;
    };
  };
  const idAt = header.indexOf(idColumn);
  const fields = Object.entries(schema.fields).map(([column, type]) => ({ column, type, cellOf: reader(column) }));
  const readImage = imageColumn === undefined ? undefined : reader(imageColumn);
  return (cells) => {
    const idCell = cells[idAt] ?? '';
    const id = idOfCell(idCell, idColumn, schema);
    const fieldValues: Record<string, FieldValue> = {};
    const without: string[] = [];
    for (const { column, type, cellOf } of fields) {
      const cell = cellOf(cells);
      const value =
        absent.has(cell) || (type === 'number' && isNaNText(String(cell)))
          ? undefined
          : typed(cell, column, type, columns);
      if (value === undefined || (typeof value === 'object' && value.length === 0)) without.push(column);
      else fieldValues[column] = value;
    }
    for (const column of without) missing[column] = (missing[column] ?? 0) + 1;
    const image = readImage?.(cells);
    const product = { id, ...fieldValues } as P;
    const fault = itemFault(product, schema);
    if (fault) throw new PipelineError(fault.code, fault.reason, { value: id });
    const idText = String(idCell).trim();
    return {
      product,
      image: readImage === undefined ? imageName(id) : absent.has(image) ? '' : String(image),
      idAsWritten: typeof id === 'number' && idText.startsWith('0') ? idText : undefined,
    };
  };
}

/** The id of a row. A number is no text: zeros before it would be lost. */
function idOfCell(cell: unknown, column: string, { id: type = 'number' }: Schema): ProductId {
  const read =
    typeof cell === 'string' || type === 'number'
      ? idOfText(String(cell), type)
      : { fault: `is a ${typeof cell}, where ids are texts` };
  if ('id' in read) return read.id;
  throw new PipelineError(
    'source.badId',
    `the ${column} '${shown(cell)}' ${read.fault}. Correct the row or remove it` +
      (type === 'number' ? `; where ids are texts, say so in the schema: id: 'string' (in fields.json: idType).` : '.'),
    { value: cell },
  );
}

/** Python writes so that a number is missing. */
export const isNaNText = (text: string): boolean => /^nan$/i.test(text);

/** The value of a cell: a text as it is read, a number by its digits, anything else where it is of the type itself. */
function typed(cell: unknown, column: string, type: FieldType, { schema, listSeparator }: Columns): FieldValue {
  const kind = kindOf(type);
  const isNumber = typeof cell === 'number' || typeof cell === 'bigint';
  const value =
    typeof cell === 'string' || (isNumber && (type === 'number' || type === 'boolean'))
      ? kind.parse(String(cell), listSeparator)
      : (kind.valueOf(cell) ?? ({ code: 'source.badValue', reason: `must be ${kind.wanted}.` } as const));
  const year = yearFault(typeof value === 'number' ? value : Number.NaN, column, schema);
  const fault = year ?? (isFault(value) ? value : undefined);
  if (fault || isFault(value))
    throw new PipelineError(fault?.code ?? '', `the ${column} '${shown(cell)}' ${fault?.reason}`, { value: cell });
  return value;
}

const isFault = (value: FieldValue | ValueFault): value is ValueFault => typeof value === 'object' && 'reason' in value;

function shown(cell: unknown): string {
  const text = typeof cell === 'object' && !(cell instanceof Date) ? JSON.stringify(cell, textOfBigint) : String(cell);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
const textOfBigint = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
