import { PipelineError } from '../../work/index.js';
import type { Entry } from '../entry.js';
import { type FieldType, type FieldValue, kindOf, type ValueFault } from '../field-types/index.js';
import { imageName } from '../id.js';
import { idOfText, yearFault } from '../number.js';
import type { Schema } from '../schema.js';
import { itemFault } from '../store/limits.js';

/** What the columns of a CSV file mean. */
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
): (values: readonly string[]) => RowValues<P> {
  const { schema, id: idColumn, image: imageColumn } = columns;
  const absent = new Set(['', ...columns.missing]);
  const reader = (column: string) => {
    const at = header.indexOf(column);
    return (values: readonly string[]): string => values[at]?.trim() ?? '';
  };
  const idAt = header.indexOf(idColumn);
  const fields = Object.entries(schema.fields).map(([column, type]) => ({ column, type, textOf: reader(column) }));
  const readImage = imageColumn === undefined ? undefined : reader(imageColumn);
  return (values) => {
    const idText = values[idAt] ?? '';
    const read = idOfText(idText, schema.id);
    if ('fault' in read) throw badId(idText, idColumn, read.fault, schema);
    const { id } = read;
    const fieldValues: Record<string, FieldValue> = {};
    const without: string[] = [];
    for (const { column, type, textOf } of fields) {
      const text = textOf(values);
      if (absent.has(text) || (type === 'number' && isNaNText(text))) without.push(column);
      else fieldValues[column] = typed(text, column, type, columns);
    }
    for (const column of without) missing[column] = (missing[column] ?? 0) + 1;
    const image = readImage?.(values);
    const product = { id, ...fieldValues } as P;
    const fault = itemFault(product, schema);
    if (fault) throw new PipelineError(fault.code, fault.reason, { value: id });
    return {
      product,
      image: image === undefined ? imageName(id) : absent.has(image) ? '' : image,
      idAsWritten: typeof id === 'number' && idText.trim().startsWith('0') ? idText.trim() : undefined,
    };
  };
}

const badId = (text: string, column: string, fault: string, { id = 'number' }: Schema): PipelineError =>
  new PipelineError(
    'source.badId',
    `the ${column} '${short(text)}' ${fault}. Correct the row or remove it` +
      (id === 'number' ? `; where ids are texts, say so in the schema: id: 'string' (in fields.json: idType).` : '.'),
    { value: text },
  );

/** Python writes so that a number is missing. */
export const isNaNText = (text: string): boolean => /^nan$/i.test(text);

function typed(text: string, column: string, type: FieldType, { schema, listSeparator }: Columns): FieldValue {
  const value = kindOf(type).parse(text, listSeparator);
  const year = yearFault(typeof value === 'number' ? value : Number.NaN, column, schema);
  const fault = year ?? (isFault(value) ? value : undefined);
  if (fault || isFault(value))
    throw new PipelineError(fault?.code ?? '', `the ${column} '${short(text)}' ${fault?.reason}`, { value: text });
  return value;
}

const isFault = (value: FieldValue | ValueFault): value is ValueFault => typeof value === 'object' && 'reason' in value;

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
