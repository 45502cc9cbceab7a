import type { Aws } from '../../aws/index.js';
import { TableDescription } from './description.js';
import { fieldsIn } from './found-fields.js';
import { sampleOf } from './sample.js';
import { missingTable, tableFacts } from './table-facts.js';

/**
 * Describes a table that another system made: its key, its indexes, and the fields that a sample of up to 4,000 items
 * has, with a schema to read it by. Nothing is written.
 *
 * @param options The table; default: the one of the clients.
 * @throws PipelineError `table.missing`; `table.unreadableKey` where its key is bytes; `aws.denied` where
 * `dynamodb:DescribeTable` or `dynamodb:Scan` is not allowed.
 *
 * @example
 * const described = await describeTable(clients(), { table: 'FashionProducts' });
 * console.log(described);
 * const { catalogue } = await connect({ table: described.table, schema: described.schema });
 */
export async function describeTable(
  aws: Aws,
  { table = aws.table, signal }: { table?: string | undefined; signal?: AbortSignal | undefined } = {},
): Promise<TableDescription> {
  const facts = await tableFacts(aws, table);
  if (!facts) throw await missingTable(aws, table);
  const sample = await sampleOf(aws, table, facts.items, signal);
  return new TableDescription(facts, fieldsIn(sample), sample);
}
