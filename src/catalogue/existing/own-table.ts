import type { Aws } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import { fashion } from '../product.js';
import type { Schema } from '../schema.js';
import { schemaIndexes } from '../store/items.js';
import { readStatistics } from '../store/statistics.js';
import { storedSchema } from '../store/stored-schema.js';
import { type TableFacts, tableFacts } from './table-facts.js';

/**
 * Makes sure, before it is filled, changed or deleted, that a table does not exist or is one that the kit made: it has
 * the kit's key, and its schema or statistics are in the bucket, or its indexes are the wanted ones.
 *
 * @throws PipelineError `table.notOwn` where another system made it.
 */
export async function checkOwn(aws: Aws, wanted: Schema): Promise<void> {
  if (!wanted.layout) {
    const facts = await tableFacts(aws, aws.table);
    if (!facts || [fashion, wanted].some((own) => own.indexes.length > 0 && isLike(facts, own))) return;
    const made = (await storedSchema(aws)) ?? (await readStatistics(aws).catch(unlessNoBucket));
    if (made && isLike(facts, { fields: {}, indexes: [] })) return;
  }
  throw new PipelineError(
    'table.notOwn',
    `The table ${aws.table} at ${aws.endpoint} was made by another system, so it is not filled, changed or deleted. ` +
      `Query it as it is: connect({ table: '${aws.table}' }); or seed a table of another name (ML_PIPELINE_TABLE).`,
    { value: aws.table },
  );
}

/** A bucket is needed from the first export on; that of a mock is made by then. */
export function unlessNoBucket(error: unknown): undefined {
  if (error instanceof PipelineError && error.code === 'aws.bucketMissing') return undefined;
  throw error;
}

/** Whether a table has the key and the indexes of a schema of the kit's own. */
export function isLike({ partition, sort, indexes }: TableFacts, schema: Schema): boolean {
  const names = new Set(indexes.map(({ name }) => name));
  return (
    sort.length === 0 && partition[0]?.attribute === 'id' && schemaIndexes(schema).every(({ name }) => names.has(name))
  );
}
