import { inspect } from 'node:util';
import type { ProductId } from '../catalogue/index.js';
import { count } from '../work/index.js';
import type { Row } from './row.js';

/** A value of a row that is another now. */
export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** A row that was added, removed or changed. */
export interface RowChange {
  readonly id: ProductId;
  readonly change: 'added' | 'removed' | 'changed';
  /** The row before; undefined for one that was added. */
  readonly before?: Row | undefined;
  /** The row after; for a removed one that its query does not find any more, the item as it is now. */
  readonly after?: Row | undefined;
  /** Whether its image has other bytes. */
  readonly image: boolean;
  /** The values that differ. */
  readonly fields: readonly FieldChange[];
}

/** What two things that are compared are called, and what is the same in them. */
interface Sides {
  before: string;
  after: string;
  same: number;
  /** Columns that only one of them has; their values are not compared. */
  columns: { readonly added: readonly string[]; readonly removed: readonly string[] };
  /** Reads the image of a row of either. */
  image(row: Row): Promise<Uint8Array>;
}

/**
 * How two data sets differ, as `diff` finds it.
 *
 * @example
 * const difference = await diff(shoes, catalogue);
 * console.log(String(difference), difference.changed.length);
 * console.table(difference.table());
 */
export class Difference {
  readonly #sides: Sides;

  constructor(
    sides: Sides,
    /** The rows that differ. */
    readonly rows: readonly RowChange[],
  ) {
    this.#sides = sides;
  }

  /** Whether anything differs. */
  get any(): boolean {
    return this.rows.length + this.columns.added.length + this.columns.removed.length > 0;
  }

  /** What is compared: the address of a data set, or `the catalogue now`. */
  get names(): { before: string; after: string } {
    const { before, after } = this.#sides;
    return { before, after };
  }

  /** Columns that only one side has. */
  get columns(): Sides['columns'] {
    return this.#sides.columns;
  }

  /** How many rows are the same. */
  get same(): number {
    return this.#sides.same;
  }

  get added(): readonly RowChange[] {
    return this.rows.filter(({ change }) => change === 'added');
  }

  get removed(): readonly RowChange[] {
    return this.rows.filter(({ change }) => change === 'removed');
  }

  get changed(): readonly RowChange[] {
    return this.rows.filter(({ change }) => change === 'changed');
  }

  /** How many rows have another value of each field, and how many another `image`; the most frequent first. */
  get fields(): Readonly<Record<string, number>> {
    const counts = new Map<string, number>();
    for (const { fields, image } of this.rows)
      for (const name of [...fields.map(({ field }) => field), ...(image ? ['image'] : [])])
        counts.set(name, (counts.get(name) ?? 0) + 1);
    return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
  }

  /** A line for each value that differs, and for each row that was added or removed. */
  table(): { id: ProductId; change: RowChange['change']; field: string | null; before: unknown; after: unknown }[] {
    return this.rows.flatMap(({ id, change, fields, image }) => {
      const values = [...fields, ...(image ? [{ field: 'image', before: null, after: 'other bytes' }] : [])];
      const all = values.length > 0 ? values : [{ field: null, before: null, after: null }];
      return all.map((value) => ({ id, change, ...value }));
    });
  }

  /** The encoded image of a row of either side. */
  image(row: Row): Promise<Uint8Array> {
    return this.#sides.image(row);
  }

  /** `3 added, 2 removed, 5 changed (season 4, image 1), 677 the same`, after what is compared. */
  toString(): string {
    const { before, after } = this.names;
    const { added, removed } = this.columns;
    const fields = Object.entries(this.fields).map(([name, rows]) => `${name} ${count(rows)}`);
    const columns = [
      ...(added.length > 0 ? [`with ${columnsText(added)}`] : []),
      ...(removed.length > 0 ? [`without ${columnsText(removed)}`] : []),
    ];
    const parts = [
      `${count(this.added.length)} added`,
      `${count(this.removed.length)} removed`,
      `${count(this.changed.length)} changed${fields.length > 0 ? ` (${fields.join(', ')})` : ''}`,
      `${count(this.same)} the same`,
      ...columns,
    ];
    return `${before} → ${after}: ${parts.join(', ')}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

const columnsText = (names: readonly string[]): string =>
  `the ${names.length === 1 ? 'column' : 'columns'} ${names.join(', ')}`;
