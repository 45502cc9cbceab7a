import type { Aws } from '../../aws/index.js';
import { didYouMean, PipelineError } from '../../work/index.js';
import type { Schema } from '../schema.js';
import type { Correction } from './change.js';
import { ChangeSet, type ChangeSetRecord, changeSetIds, readChangeSet, readChangeSets, undoOf } from './change-set.js';
import type { UpdateResult } from './result.js';
import { applyChangeSet, type UpdateOptions, updateProducts } from './update.js';

/** The change sets of the table, the newest first. */
export async function listChangeSets(aws: Aws, signal?: AbortSignal): Promise<ChangeSet[]> {
  const records = await readChangeSets(aws, undefined, signal);
  const known = new Set(records.map(({ id }) => id));
  return records.reverse().map((record) => {
    const undo = undoOf(record.id);
    return new ChangeSet(record, known.has(undo) ? undo : undefined);
  });
}

/**
 * Gives products the values back that they had before a change set, where they still have those after it.
 *
 * @throws PipelineError `changes.unknown`, `changes.undone`
 */
export async function undoChangeSet(
  aws: Aws,
  schema: Schema,
  id: string,
  options: UpdateOptions,
): Promise<UpdateResult> {
  const { signal } = options;
  const record = await readChangeSet(aws, id, signal);
  if (!record) {
    const known = await changeSetIds(aws, signal);
    throw new PipelineError(
      'changes.unknown',
      `The table ${aws.table} has no change set '${id}'.${didYouMean(id, known)} They are listed by ` +
        'await catalogue.changes().',
      { value: id },
    );
  }
  const undo = await readChangeSet(aws, undoOf(id), signal);
  if (undo?.done)
    throw new PipelineError(
      'changes.undone',
      `The change set ${id} was undone at ${undo.at} by ${undo.by}, as ${undo.id}. To make its changes again, undo ` +
        'that one.',
      { value: id },
    );
  // Nobody must complete it once it is undone.
  const whole = record.done || options.dryRun ? record : await finish(aws, schema, record, options);
  return updateProducts(aws, schema, reversed(whole), options, id);
}

/** The change sets of the table, once what was left of those that were not applied to their end is applied. */
export async function finishedChangeSets(aws: Aws, schema: Schema, options: UpdateOptions = {}) {
  const records = [];
  for (const record of await readChangeSets(aws, undefined, options.signal))
    records.push(record.done ? record : await finish(aws, schema, record, options));
  return records;
}

async function finish(aws: Aws, schema: Schema, record: ChangeSetRecord, options: UpdateOptions) {
  await applyChangeSet(aws, schema, record, { ...options, resumed: true });
  return (await readChangeSet(aws, record.id, options.signal)) ?? record;
}

/** The corrections that undo a change set: of the products that it changed. */
function reversed({ changes, done }: ChangeSetRecord): Correction[] {
  const left = new Set([...(done?.conflicts ?? []), ...(done?.failed ?? [])].map(({ id }) => id));
  return changes
    .filter(({ id }) => !left.has(id))
    .map(({ id, before, after }) => ({ id, before: after, after: before }));
}
