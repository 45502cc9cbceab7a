import type { Aws } from '../../aws/index.js';
import { fashion } from '../product.js';
import { parseSchema, type Schema } from '../schema.js';
import { readStatistics } from '../store/statistics.js';
import { checkSchema, storedSchema } from '../store/stored-schema.js';
import { checkLayout } from './check-layout.js';
import { fieldsIn } from './found-fields.js';
import { schemaOf } from './found-schema.js';
import { checkOwn, isLike, unlessNoBucket } from './own-table.js';
import { sampleOf } from './sample.js';
import { keepSample, keptSample, unlessDenied } from './sampled-statistics.js';
import { tableFacts } from './table-facts.js';

/**
 * The schema to read a table by: the one that it was seeded with; of a table that another system made, the one that is
 * wanted, or what a sample of its items shows.
 *
 * @param wanted The schema that the table must have; default: any.
 * @throws PipelineError `table.notOwn`, `table.otherFields`, `table.otherLayout` where the table has another schema;
 * `table.unreadableKey`, `aws.denied` where another system's table cannot be described.
 */
export async function openSchema(aws: Aws, wanted?: Schema): Promise<Schema> {
  if (wanted?.layout) {
    const schema = parseSchema(wanted);
    await checkLayout(aws, schema);
    return schema;
  }
  const stored = await storedSchema(aws);
  if (wanted) {
    if (!stored && !(await readStatistics(aws))) await checkOwn(aws, wanted).catch(unlessDenied);
    return checkSchema(aws, wanted);
  }
  if (stored) return stored;
  // Seeded by a version of the kit that kept no schema.
  const statistics = await readStatistics(aws).catch(unlessNoBucket);
  if (statistics) return fashion;
  const kept = await keptSample(aws);
  const facts = await tableFacts(aws, aws.table).catch((error: unknown) => {
    if (kept?.found) return unlessDenied(error);
    throw error;
  });
  if (kept?.found && (!facts || facts.digest === kept.digest)) return kept.schema;
  if (!facts || isLike(facts, fashion)) return fashion;
  const sample = await sampleOf(aws, aws.table, facts.items);
  const { schema } = schemaOf(facts, fieldsIn(sample), sample);
  await keepSample(aws, { facts, sample, schema, found: true });
  return schema;
}
