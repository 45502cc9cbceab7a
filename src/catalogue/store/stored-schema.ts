import { type Aws, getBytes, list, putBytes } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import { fashion } from '../product.js';
import { describeSchema, parseSchema, type Schema, sameSchema } from '../schema.js';

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

/**
 * Reads the stored schema and checks that it equals `wanted`. Where `wanted` has more fields and is the same otherwise,
 * it becomes the stored one: a product without a value of a field simply has none.
 *
 * @throws PipelineError `table.otherFields` where something else differs.
 */
export async function growSchema(aws: Aws, wanted: Schema): Promise<void> {
  const { fields, ...rest } = await readSchema(aws);
  const has = Object.entries(fields).every(([name, type]) => wanted.fields[name] === type);
  const grows = has && sameSchema({ ...rest, fields: wanted.fields }, wanted);
  if (!grows) await checkSchema(aws, wanted);
  else if (Object.keys(fields).length < Object.keys(wanted.fields).length) await writeSchema(aws, wanted);
}

/**
 * Reads the stored schema and checks that it equals `wanted`.
 *
 * @throws PipelineError `table.otherFields` where it does not.
 */
export async function checkSchema(aws: Aws, wanted: Schema): Promise<Schema> {
  const kept = await readSchema(aws);
  if (sameSchema(kept, wanted)) return kept;
  const inWords = (schema: Schema) =>
    sameSchema(schema, fashion) ? 'those of the fashion catalogue' : describeSchema(schema);
  throw new PipelineError(
    'table.otherFields',
    `The fields of the table ${aws.table} are ${inWords(kept)}, not ${inWords(wanted)}. Name another table ` +
      '(ML_PIPELINE_TABLE), or delete and refill this one: seed it with --recreate, or { recreate: true }.',
    { value: aws.table },
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
    if (other === undefined || other === aws.table || sameSchema(await readSchema(aws, other), wanted)) continue;
    throw new PipelineError(
      'table.bucketTaken',
      `The bucket ${aws.bucket} has the images of the table ${other}, which has other fields. Give ` +
        `${aws.table} a bucket of its own (ML_PIPELINE_BUCKET).`,
      { value: aws.bucket },
    );
  }
}
