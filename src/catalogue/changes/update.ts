import { hash } from 'node:crypto';
import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import { type Aws, retryUnprocessed } from '../../aws/index.js';
import { chunks, concurrently, type StepOptions, Tracker } from '../../work/index.js';
import type { Entry } from '../entry.js';
import { byId, type ProductId } from '../id.js';
import type { Schema } from '../schema.js';
import { type Item, toProduct } from '../store/items.js';
import { type AnyItem, idOfItem, keyOfId } from '../store/key.js';
import { countChanges } from '../store/statistics.js';
import { checkWritable } from '../store/writable.js';
import type { Correction, Values } from './change.js';
import {
  beginChangeSet,
  type ChangeSetRecord,
  changeSetIds,
  endChangeSet,
  newRecord,
  readChangeSet,
  readChangeSets,
  undoOf,
} from './change-set.js';
import { changedProduct, type Outcome, outcomeWithout, updateItem, valuesNow } from './item-update.js';
import { UpdateResult } from './result.js';

/**
 * Who changes the catalogue, and why.
 *
 * @example
 * const options: UpdateOptions = { reason: 'looked at it', by: 'mail@example.com', dryRun: true };
 * const { catalogue } = await connect();
 * console.log(await catalogue.update([{ id: 15970, season: 'Winter', was: { season: 'Fall' } }], options));
 */
export interface UpdateOptions extends StepOptions {
  /** Why, for whoever reads the change set. */
  reason?: string | undefined;
  /** Who; default: the user of this machine. */
  by?: string | undefined;
  /** Replace values that were not said in `was`, whatever they are; the change set says so. Default false. */
  force?: boolean | undefined;
  /** Only say what would be changed. Default false. */
  dryRun?: boolean | undefined;
}

/** How many items are written at a time. */
const writesAtOnce = 64;

/**
 * Changes products that have the values seen, as one change set: written down, applied, and marked as done. The same
 * corrections again go on with a change set that was not done.
 *
 * @param undoing The change set that these corrections undo.
 */
export async function updateProducts(
  aws: Aws,
  schema: Schema,
  corrections: readonly Correction[],
  { dryRun = false, ...options }: UpdateOptions,
  undoing?: string,
): Promise<UpdateResult> {
  const { signal } = options;
  if (!dryRun) checkWritable(aws, schema);
  const digest = hash('sha256', JSON.stringify([...corrections].sort(byId))).slice(0, 12);
  const begun = dryRun ? undefined : await unfinished(aws, digest, undoing, signal);
  const own = new Set(begun?.changes.map(({ id }) => id));
  const ids = corrections.map(({ id }) => id);
  const items = await readItems(aws, schema, ids, signal);
  const settled: [Correction, Outcome][] = [];
  const ready: ChangeSetRecord['changes'] = [];
  for (const correction of corrections) {
    if (own.has(correction.id)) continue;
    const item = items.get(correction.id);
    const outcome = outcomeWithout(item, correction, schema);
    const product = item && toProduct<Entry>(item, schema);
    if (outcome) settled.push([correction, outcome]);
    // Of values that were not said, what is there is what was seen; one that is there already is none of this change.
    else if (product) ready.push({ ...correction, before: valuesNow(product, correction) });
  }
  if (dryRun || (ready.length === 0 && !begun)) return resultOf(settled, ready.length, undefined, dryRun);
  const record = begun ?? (await begin(aws, schema, ready, digest, options, undoing));
  const applied = await applyChangeSet(aws, schema, record, { ...options, items, resumed: begun !== undefined });
  return resultOf([...settled, ...applied], 0, record.id, false);
}

/** The change set of the same corrections that was written down, and not applied to its end. */
async function unfinished(
  aws: Aws,
  digest: string,
  undoing: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ChangeSetRecord | undefined> {
  const ids =
    undoing === undefined
      ? (await changeSetIds(aws, signal)).filter((id) => id.endsWith(`-${digest}`))
      : [undoOf(undoing)];
  return (await readChangeSets(aws, ids, signal)).find(({ done }) => !done);
}

/** Writes the change set down before anything is changed. */
async function begin(
  aws: Aws,
  schema: Schema,
  changes: ChangeSetRecord['changes'],
  digest: string,
  { reason, by, force }: UpdateOptions,
  undoing: string | undefined,
): Promise<ChangeSetRecord> {
  const record: ChangeSetRecord = {
    ...newRecord(aws, schema, { reason, by, digest }),
    ...(force && { force }),
    ...(undoing !== undefined && { id: undoOf(undoing), undoes: undoing }),
    changes,
  };
  if (await beginChangeSet(aws, record)) return record;
  // Somebody else began the same one in this moment; or it was this one, where an answer of S3 was lost.
  return (await readChangeSet(aws, record.id)) ?? record;
}

interface ApplyOptions extends StepOptions {
  /** Its items, where they were read just now. */
  items?: ReadonlyMap<ProductId, AnyItem> | undefined;
  /** Whether it was begun before, so that what is done already was done by it. */
  resumed: boolean;
}

/** Applies a change set, counts it in the statistics, and marks it as done. */
export async function applyChangeSet(
  aws: Aws,
  schema: Schema,
  record: ChangeSetRecord,
  { items, resumed, signal, onProgress }: ApplyOptions,
): Promise<[Correction, Outcome][]> {
  const { changes } = record;
  const tracker = new Tracker('update', 'products', changes.length, onProgress);
  const known =
    items ??
    (await readItems(
      aws,
      schema,
      changes.map(({ id }) => id),
      signal,
    ));
  const outcomes = await concurrently(
    changes,
    async (correction): Promise<[Correction, Outcome]> => {
      const outcome = await updateItem(aws, schema, correction, known.get(correction.id), signal);
      tracker.tick(1, outcome.kind === 'conflict' || outcome.kind === 'failed' ? 1 : 0);
      if (outcome.kind !== 'unchanged' || !(resumed || outcome.ours)) return [correction, outcome];
      const { product } = outcome;
      return [correction, { kind: 'changed', before: changedProduct(product, correction.before), after: product }];
    },
    { concurrency: writesAtOnce, signal },
  );
  const made = outcomes.flatMap(([, outcome]) => (outcome.kind === 'changed' ? outcome : []));
  const isDone = async (id: string) => (await readChangeSet(aws, id, signal))?.done !== undefined;
  await countChanges(aws, record.id, made, schema, isDone);
  const { conflicts, failed } = resultOf(outcomes, 0, record.id, false);
  await endChangeSet(aws, record, {
    conflicts: conflicts.map(({ id, now }) => ({ id, now })),
    failed: [...failed],
  });
  tracker.end();
  return outcomes;
}

function resultOf(
  outcomes: readonly (readonly [Correction, Outcome])[],
  ready: number,
  changeSet: string | undefined,
  dryRun: boolean,
): UpdateResult {
  const number = (kind: Outcome['kind']) => outcomes.filter(([, outcome]) => outcome.kind === kind).length;
  const conflicts = outcomes.flatMap(([{ id, before, after }, outcome]) =>
    outcome.kind === 'conflict' ? { id, was: seenValues(before), wanted: after, now: outcome.now } : [],
  );
  const failed = outcomes.flatMap(([{ id }, outcome]) =>
    outcome.kind === 'failed' ? { id, stage: 'update', code: outcome.code, reason: outcome.reason } : [],
  );
  return new UpdateResult(
    ready + number('changed'),
    number('unchanged'),
    conflicts.sort(byId),
    failed.sort(byId),
    changeSet,
    dryRun,
  );
}

const seenValues = (before: Correction['before']): Values =>
  Object.fromEntries(Object.entries(before).map(([field, value]) => [field, value ?? null]));

/** The items of some products as they are now. */
async function readItems(
  aws: Aws,
  schema: Schema,
  ids: readonly ProductId[],
  signal: AbortSignal | undefined,
): Promise<Map<ProductId, AnyItem>> {
  const { dynamodb, table } = aws;
  const items = new Map<ProductId, AnyItem>();
  const readSome = (some: readonly ProductId[]) =>
    retryUnprocessed(
      some.map((id) => keyOfId(id, schema)).filter((key): key is Item => key !== undefined),
      async (keys) => {
        const command = new BatchGetItemCommand({
          RequestItems: { [table]: { Keys: [...keys], ConsistentRead: true } },
        });
        const { Responses, UnprocessedKeys } = await dynamodb.send(command, { abortSignal: signal });
        for (const item of Responses?.[table] ?? []) {
          const id = idOfItem(item, schema);
          if (id !== undefined) items.set(id, item);
        }
        return (UnprocessedKeys?.[table]?.Keys ?? []) as Item[];
      },
      signal,
    );
  await concurrently(chunks(ids, 100), readSome, { concurrency: 16, signal });
  return items;
}
