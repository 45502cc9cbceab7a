import { hostname, userInfo } from 'node:os';
import { inspect } from 'node:util';
import { z } from 'zod';
import { type Aws, getObject, list, putBytes, putIfUnchanged } from '../../aws/index.js';
import { concurrently, count, PipelineError, plural } from '../../work/index.js';
import { idSchema } from '../id.js';
import { type Schema, schemaShape } from '../schema.js';
import { changedFields, type Values } from './change.js';

const values: z.ZodType<Values> = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).nullable(),
);

const shape = z.object({
  version: z.literal(1),
  id: z.string(),
  table: z.string(),
  /** When it was written down, in ISO 8601. */
  at: z.string(),
  by: z.string(),
  reason: z.string().optional(),
  /** That values were replaced without being named. */
  force: z.boolean().optional(),
  /** The change set that it undoes. */
  undoes: z.string().optional(),
  /** That seeding gave up the corrections of all change sets before it. */
  discards: z.boolean().optional(),
  schema: schemaShape,
  changes: z.array(z.object({ id: idSchema, before: values, after: values })),
  /** How it ended; missing until it has. */
  done: z
    .object({
      at: z.string(),
      /** Products whose values were others by then. */
      conflicts: z.array(z.object({ id: idSchema, now: values })),
      failed: z.array(z.object({ id: idSchema, stage: z.string(), code: z.string(), reason: z.string() })),
    })
    .optional(),
});

/** A change set as it lies in the bucket. */
export type ChangeSetRecord = z.infer<typeof shape>;

/**
 * A batch of changes to the catalogue as it was written down: who changed what, when and why, from which values. It
 * prints as one line.
 *
 * @example
 * const { catalogue } = await connect();
 * const [last]: ChangeSet[] = await catalogue.changes();
 * if (last && !last.undoneBy) await catalogue.undo(last);
 */
export class ChangeSet {
  readonly id: string;
  /** When it was written down, in ISO 8601. */
  readonly at: string;
  readonly by: string;
  readonly reason: string | undefined;
  /** Whether values were replaced without being named. */
  readonly forced: boolean;
  /** The id of the change set that it undoes. */
  readonly undoes: string | undefined;
  /** Whether it was applied to its end. The same call again completes one that was not. */
  readonly done: boolean;
  /** The changes, by product: the values before and after, null for none. */
  readonly changes: ChangeSetRecord['changes'];
  /** Those of its products that were not changed, since they had other values by then, or failed. */
  readonly left: number;
  readonly #discards: boolean;

  constructor(
    record: ChangeSetRecord,
    /** The id of the change set that has undone it. */
    readonly undoneBy: string | undefined,
  ) {
    const { done } = record;
    this.id = record.id;
    this.at = record.at;
    this.by = record.by;
    this.reason = record.reason;
    this.forced = record.force ?? false;
    this.undoes = record.undoes;
    this.done = done !== undefined;
    this.changes = record.changes;
    this.left = (done?.conflicts.length ?? 0) + (done?.failed.length ?? 0);
    this.#discards = record.discards ?? false;
  }

  /** What it did, and what became of it, in a few words. */
  get state(): string {
    if (!this.done) return `unfinished: run the same update again, or take it back: await catalogue.undo('${this.id}')`;
    return this.undoneBy === undefined ? 'done' : `undone by ${this.undoneBy}`;
  }

  toString(): string {
    const fields = [...new Set(this.changes.flatMap(changedFields))];
    const what = this.#discards
      ? 'seeded without the corrections before'
      : `${fields.join(', ')} of ${plural(this.changes.length, 'product')}` +
        `${this.left > 0 ? ` (${count(this.left)} of them left)` : ''}`;
    const how = [this.forced ? ', forced' : '', this.undoes === undefined ? '' : `, undoing ${this.undoes}`].join('');
    return `${this.id}: ${what}${how}, by ${this.by}${this.reason ? `: ${this.reason}` : ''} (${this.state})`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

const folder = ({ table }: Pick<Aws, 'table'>): string => `catalogue/changes/${table}/`;
const keyOf = (aws: Pick<Aws, 'table'>, id: string): string => `${folder(aws)}${id}.json`;

/** A time in ISO 8601 as the names of change sets begin. */
export const stampOf = (at: string): string => at.replace(/[-:.]/g, '');

/** The name of the change set that undoes another one: there is but one. */
export const undoOf = (id: string): string => `${id}-undo`;

/** The ids of the change sets of the table, the oldest first. */
export async function changeSetIds(aws: Aws, signal?: AbortSignal): Promise<string[]> {
  const ids: string[] = [];
  for await (const { key } of list(aws, folder(aws), signal)) {
    const id = key.slice(folder(aws).length);
    if (id.endsWith('.json')) ids.push(id.slice(0, -'.json'.length));
  }
  return ids.sort();
}

/** Some change sets, by default all of the table, the oldest first. */
export async function readChangeSets(aws: Aws, ids?: readonly string[], signal?: AbortSignal) {
  const wanted = ids ?? (await changeSetIds(aws, signal));
  const read = await concurrently(wanted, (id) => readChangeSet(aws, id, signal), { concurrency: 32, signal });
  return read
    .flatMap((record) => record ?? [])
    .sort((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1));
}

/**
 * A change set of the table; undefined where there is none.
 *
 * @throws PipelineError `changes.malformed`
 */
export async function readChangeSet(aws: Aws, id: string, signal?: AbortSignal): Promise<ChangeSetRecord | undefined> {
  const key = keyOf(aws, id);
  try {
    return shape.parse(JSON.parse(Buffer.from((await getObject(aws, key, { signal })).bytes).toString()));
  } catch (cause) {
    if (cause instanceof PipelineError && cause.code === 's3.notFound') return undefined;
    if (!(cause instanceof SyntaxError || cause instanceof z.ZodError)) throw cause;
    throw new PipelineError(
      'changes.malformed',
      `s3://${aws.bucket}/${key} is not a change set as the kit writes it. Update the kit, or move the file away.`,
      { value: key, cause },
    );
  }
}

/** A change set of now, without changes yet. */
export function newRecord(
  { table }: Pick<Aws, 'table'>,
  schema: Schema,
  {
    reason,
    by = userName(),
    digest = 'discard',
  }: { reason?: string | undefined; by?: string | undefined; digest?: string },
): ChangeSetRecord {
  const at = new Date().toISOString();
  return {
    version: 1,
    id: `${stampOf(at)}-${digest}`,
    table,
    at,
    by,
    ...(reason !== undefined && { reason }),
    schema: schemaShape.parse(schema),
    changes: [],
  };
}

const userName = (): string => {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container may run as a user without a name.
    return hostname();
  }
};

/** Writes a change set down, before anything is changed; returns false where there is one of that name. */
export const beginChangeSet = (aws: Aws, record: ChangeSetRecord): Promise<boolean> =>
  putIfUnchanged(aws, keyOf(aws, record.id), JSON.stringify(record), undefined);

/** Writes down how a change set ended. */
export async function endChangeSet(
  aws: Aws,
  record: ChangeSetRecord,
  end: Omit<NonNullable<ChangeSetRecord['done']>, 'at'>,
): Promise<void> {
  const done = { at: new Date().toISOString(), ...end };
  await putBytes(aws, keyOf(aws, record.id), JSON.stringify({ ...record, done }), { type: 'application/json' });
}
