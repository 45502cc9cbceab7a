import type { Aws } from '../../aws/index.js';
import { PipelineError } from '../../work/index.js';
import type { Schema } from '../schema.js';

/**
 * Makes sure that products of a table may be written: those of the kit's own, and those of another system's where
 * there is consent.
 *
 * @throws PipelineError `table.readOnly`
 */
export function checkWritable({ table, write }: Pick<Aws, 'table' | 'write'>, { layout }: Schema): void {
  if (!layout || write) return;
  throw new PipelineError(
    'table.readOnly',
    `The table ${table} was made by another system, so it is only read. If it is to be changed, say so when ` +
      'connecting: connect({ write: true }), or --write.',
    { value: table },
  );
}
