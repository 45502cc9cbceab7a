import { z } from 'zod';
import { didYouMean, oneLine, PipelineError } from '../../work/index.js';
import { idSchema, type ProductId } from '../id.js';
import { type Schema, schemaShape } from '../schema.js';

const shape = z.object({
  kind: z.literal('corrections'),
  version: z.literal(1),
  /** The table that was looked at; missing where it was a folder. */
  table: z.string().optional(),
  /** The fields and types of what was looked at, where they are known. */
  schema: schemaShape.pick({ id: true, fields: true }).optional(),
  reason: z.string().optional(),
  by: z.string().optional(),
  changes: z.array(z.looseObject({ id: idSchema, was: z.looseObject({}).optional() })),
  /** Products to be left out of the training set; the catalogue keeps them. */
  leftOut: z.array(idSchema).default([]),
});

/** What a review of images has decided, as its page gives it to be applied: `corrections.json`. */
export interface CorrectionsFile {
  /** For `Catalogue.update`, which checks them. */
  changes: readonly { readonly id: ProductId; readonly [field: string]: unknown }[];
  leftOut: readonly ProductId[];
  reason: string | undefined;
  by: string | undefined;
}

/**
 * Reads `corrections.json`, and checks that it belongs to a table of this schema.
 *
 * @throws PipelineError `corrections.malformed`, `corrections.otherTable`, `corrections.otherSchema`.
 */
export function parseCorrections(text: string, schema: Schema, table: string): CorrectionsFile {
  const { changes, leftOut, reason, by, ...file } = parsed(text);
  if (file.table !== undefined && file.table !== table)
    throw new PipelineError(
      'corrections.otherTable',
      `These corrections are of the table ${file.table}, not of ${table}. Name that one (ML_PIPELINE_TABLE=` +
        `${file.table}), or review this one.`,
      { value: file.table },
    );
  if (file.schema) checkFields(changes, file.schema, schema, table);
  return { changes, leftOut, reason, by };
}

/** Checks that the fields that are changed are of the types that they had. */
function checkFields(
  changes: z.infer<typeof shape>['changes'],
  looked: NonNullable<z.infer<typeof shape>['schema']>,
  schema: Schema,
  table: string,
): void {
  const [theirs, ours] = [looked.id ?? 'number', schema.id ?? 'number'];
  if (theirs !== ours)
    throw otherSchema(`the ids of ${table} are of the type ${ours}, those of the corrections ${theirs}`, theirs);
  for (const field of new Set(
    changes.flatMap(({ id: _, was = {}, ...fields }) => Object.keys({ ...was, ...fields })),
  )) {
    const [their, our] = [looked.fields[field], schema.fields[field]];
    // A name that neither of them has was mistyped: the check of the changes says so, with what may be meant.
    if (their !== undefined && our === undefined)
      throw otherSchema(
        `${table} has no field ${field} (any longer).${didYouMean(field, Object.keys(schema.fields))}`,
        field,
      );
    if (their !== undefined && their !== our)
      throw otherSchema(`${field} is of the type ${our} in ${table}, and was ${their}`, field);
  }
}

function parsed(text: string): z.infer<typeof shape> {
  try {
    return shape.parse(JSON.parse(text));
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof z.ZodError)) throw cause;
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : cause.message;
    throw new PipelineError(
      'corrections.malformed',
      `This is no corrections.json as a review gives it: ${oneLine(why).slice(0, 300)}. Download it again from the ` +
        'page of the review.',
      { cause },
    );
  }
}

const otherSchema = (what: string, value: string): PipelineError =>
  new PipelineError(
    'corrections.otherSchema',
    `These corrections were made with other fields than the table has: ${what}. Review the table as it is now.`,
    { value },
  );
