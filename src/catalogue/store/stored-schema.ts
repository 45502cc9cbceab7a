import { type Aws, getBytes, list, putBytes } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import { fashion } from '../product.js';
import { describeSchema, indexName, parseSchema, type Schema, sameSchema } from '../schema.js';

const key = (table: string): string => `catalogue/${table}.schema.json`;

/** Stores the schema of the table, in the bucket. */
export async function writeSchema(aws: Aws, { id, fields, indexes, sort }: Schema): Promise<void> {
  await putBytes(aws, key(aws.table), JSON.stringify({ id, fields, indexes, sort }), { type: 'application/json' });
}

/** Reads the stored schema of a table; the fashion catalogue's where there is none: earlier versions stored none. */
export const readSchema = async (aws: Aws, table = aws.table): Promise<Schema> =>
  (await storedSchema(aws, table)) ?? fashion;

/** The stored schema of a table; undefined where there is none. */
export async function storedSchema(aws: Aws, table = aws.table): Promise<Schema | undefined> {
  try {
    return parseSchema(JSON.parse(Buffer.from(await getBytes(aws, key(table))).toString()));
  } catch (error) {
    // Conditions can be checked without a bucket, too; the first request to it reports that it is missing.
    if (
      error instanceof PipelineError
        ? ['s3.notFound', 'aws.bucketMissing'].includes(error.code)
        : error instanceof SyntaxError
    )
      return undefined;
    throw error;
  }
}

/** The schema of a table that has one already, once it has what `wanted` has more: fields at the end, and indexes. */
export function grownSchema(table: string, kept: Schema, wanted: Schema): Schema {
  const missing = Object.keys(kept.fields).filter((field) => !Object.hasOwn(wanted.fields, field));
  if (!hasFields(wanted, kept) || kept.id !== wanted.id || kept.sort !== wanted.sort)
    throw otherFields(
      table,
      kept,
      wanted,
      missing.length > 0 ? `Add ${missing.join(', ')} to the schema, name` : 'Name',
    );
  const more = wanted.indexes.filter((index) => !hasIndex(kept, index));
  return { ...kept, fields: wanted.fields, indexes: [...kept.indexes, ...more] };
}

/**
 * Reads the stored schema and checks that it has all that `wanted` has.
 *
 * @throws PipelineError `table.otherFields` where it does not.
 */
export async function checkSchema(aws: Aws, wanted: Schema): Promise<Schema> {
  const kept = await readSchema(aws);
  const same = hasFields(kept, wanted) && kept.id === wanted.id && kept.sort === wanted.sort;
  if (same && wanted.indexes.every((index) => hasIndex(kept, index))) return kept;
  const grows = hasFields(wanted, kept) && kept.id === wanted.id && kept.sort === wanted.sort;
  throw otherFields(aws.table, kept, wanted, grows ? 'Seed it with them, which adds what is new; or name' : 'Name');
}

/** Whether a schema has all the fields of another one. */
const hasFields = (a: Schema, b: Schema): boolean =>
  Object.entries(b.fields).every(([name, type]) => a.fields[name] === type);

const hasIndex = ({ indexes }: Schema, fields: readonly string[]): boolean =>
  indexes.some((index) => indexName(index) === indexName(fields));

function otherFields(table: string, kept: Schema, wanted: Schema, remedy: string): PipelineError {
  const inWords = (schema: Schema) =>
    sameSchema(schema, fashion) ? 'those of the fashion catalogue' : describeSchema(schema);
  return new PipelineError(
    'table.otherFields',
    `The fields of the table ${table} are ${inWords(kept)}, not ${inWords(wanted)}. ${remedy} another table ` +
      '(ML_PIPELINE_TABLE), or delete and refill this one: seed it with --recreate, or { recreate: true }.',
    { value: table },
  );
}

/**
 * Makes sure that the bucket does not hold the images of another schema's table: their keys would be the same,
 * `images/<id>.jpg`.
 *
 * @throws PipelineError `table.bucketTaken`
 */
export async function checkBucket(aws: Aws, wanted: Schema): Promise<void> {
  for await (const { key } of list(aws, 'catalogue/')) {
    const other = /^catalogue\/(.+)\.(schema|statistics)\.json$/.exec(key)?.[1];
    if (other === undefined || other === aws.table) continue;
    const kept = await readSchema(aws, other);
    // One that has grown is of the same products; indexes have nothing to do with images.
    if (kept.id === wanted.id && (hasFields(kept, wanted) || hasFields(wanted, kept))) continue;
    throw new PipelineError(
      'table.bucketTaken',
      `The bucket ${aws.bucket} has the images of the table ${other}, which has other fields. Give ` +
        `${aws.table} a bucket of its own (ML_PIPELINE_BUCKET).`,
      { value: aws.bucket },
    );
  }
}
