import { inspect } from 'node:util';
import { count, plural, visible } from '../../work/index.js';
import type { Failure } from '../failures.js';
import type { ProductId } from '../id.js';
import { sameValue, type Values } from './change.js';

/**
 * A product that was left as it is, since its values are not those that were seen.
 *
 * @example
 * const { catalogue } = await connect();
 * const { conflicts } = await catalogue.update([{ id: 15970, season: 'Winter', was: { season: 'Fall' } }]);
 * const [first]: readonly Conflict[] = conflicts;
 * console.log(first?.id, first?.now.season);
 */
export interface Conflict {
  id: ProductId;
  /** The values that were seen, by field; null for none. */
  was: Values;
  /** Those that were to be there. */
  wanted: Values;
  /** Those that are there. */
  now: Values;
}

/**
 * What an update did, and what it left. It prints as one line, and one for each conflict and failure.
 *
 * @example
 * const { catalogue } = await connect();
 * const result: UpdateResult = await catalogue.update([{ id: 15970, season: 'Winter', was: { season: 'Fall' } }]);
 * if (result.changeSet) await catalogue.undo(result.changeSet);
 */
export class UpdateResult {
  constructor(
    /** How many products were changed; with `dryRun`, would be. */
    readonly changed: number,
    /** How many had the new values already. */
    readonly unchanged: number,
    /** Products that have other values than those seen. */
    readonly conflicts: readonly Conflict[],
    /** Products that the catalogue does not have, or cannot keep with their new values. */
    readonly failed: readonly Failure[],
    /** The id of the change set, for `catalogue.undo`; undefined where nothing was to be changed. */
    readonly changeSet: string | undefined,
    readonly dryRun: boolean,
  ) {}

  toString(): string {
    const { changed, unchanged, conflicts, failed, changeSet, dryRun } = this;
    const line =
      `${count(changed)} ${dryRun ? 'would be changed' : 'changed'}, ${count(unchanged)} unchanged, ` +
      `${plural(conflicts.length, 'conflict')}, ${count(failed.length)} failed` +
      `${changeSet === undefined ? '' : ` (change set ${changeSet})`}`;
    return visible(
      [
        line,
        ...some(conflicts.map((conflict) => `conflict: ${conflictText(conflict)}`)),
        ...some(failed.map(({ reason }) => `failed: ${reason}`)),
      ].join('\n'),
    );
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** So many lines are printed; all are in the result. */
const most = 20;

const some = (lines: readonly string[]): string[] =>
  lines.length > most ? [...lines.slice(0, most), `… and ${plural(lines.length - most, 'other')}`] : [...lines];

function conflictText({ id, was, wanted, now }: Conflict): string {
  const differ = Object.keys(wanted).filter(
    (field) =>
      !sameValue(now[field] ?? null, was[field] ?? null) && !sameValue(now[field] ?? null, wanted[field] ?? null),
  );
  const fields = differ.map(
    (field) => `${field} is ${shown(now[field])}, not ${shown(was[field])} (to be ${shown(wanted[field])})`,
  );
  return `${id}: ${fields.join('; ')}`;
}

const shown = (value: Values[string] | undefined): string =>
  value === null || value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);
