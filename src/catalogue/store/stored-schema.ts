import { type Aws, getBytes, list, putBytes } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import { fashion } from '../product.js';
import { describeSchema, parseSchema, type Schema, sameSchema } from '../schema.js';

const key = (table: string): string => `catalogue/${table}.schema.json`;

/** Keeps what a table's products are, for whoever reads it. */
export async function writeSchema(aws: Aws, { fields, indexes, sort }: Schema): Promise<void> {
  await putBytes(aws, key(aws.table), JSON.stringify({ fields, indexes, sort }), { type: 'application/json' });
}

/**
 * What a table's products are: what it was made for, or the fashion catalogue's, which tables of earlier versions have.
 */
export async function readSchema(aws: Aws, table = aws.table): Promise<Schema> {
  try {
    return parseSchema(JSON.parse(Buffer.from(await getBytes(aws, key(table))).toString()));
  } catch (error) {
    // Where there is no bucket, or no S3 at all, the condition is still worth checking; the next request says what is
    // wrong.
    if (
      error instanceof PipelineError
        ? ['s3.notFound', 'aws.bucketMissing'].includes(error.code)
        : error instanceof SyntaxError
    )
      return fashion;
    throw error;
  }
}

/** Reads it, too. @throws PipelineError `table.otherFields` where it is not the one wanted. */
export async function checkSchema(aws: Aws, wanted: Schema): Promise<Schema> {
  const kept = await readSchema(aws);
  if (sameSchema(kept, wanted)) return kept;
  const told = (schema: Schema) =>
    sameSchema(schema, fashion) ? 'those of the fashion catalogue' : describeSchema(schema);
  throw new PipelineError(
    'table.otherFields',
    `The fields of the table ${aws.table} are ${told(kept)}, not ${told(wanted)}. Name another table ` +
      '(ML_PIPELINE_TABLE), or delete and refill this one: seed it with --recreate, or { recreate: true }.',
    { value: aws.table },
  );
}

/**
 * Makes sure that the bucket has no other data set's images, which lie at the same keys: `images/<id>.jpg`.
 *
 * @throws PipelineError `table.bucketTaken`
 */
export async function checkBucket(aws: Aws, wanted: Schema): Promise<void> {
  for await (const { key } of list(aws, 'catalogue/')) {
    const other = /^catalogue\/(.+)\.(schema|statistics)\.json$/.exec(key)?.[1];
    if (other === undefined || other === aws.table || sameSchema(await readSchema(aws, other), wanted)) continue;
    throw new PipelineError(
      'table.bucketTaken',
      `The bucket ${aws.bucket} has the images of the table ${other}, whose fields are others. Give ` +
        `${aws.table} a bucket of its own (ML_PIPELINE_BUCKET).`,
      { value: aws.bucket },
    );
  }
}
