import type { RowProblem } from './source.js';

/**
 * Why rows were repaired or left out: one reason, and the first row that it concerns.
 *
 * @example
 * const { rows } = await seedCatalogue(clients(), await folderSource('data'));
 * for (const { rows: number, reason, line } of rows.reasons) console.log(number, reason, `(line ${line})`);
 */
export interface RowReason extends RowProblem {
  /** How many rows it concerns; `line` and `reason` are those of the first. */
  rows: number;
}

/** So many problems of each kind are kept; all are counted. */
const kept = 1000;

/** Collects what is wrong with the rows of a source. */
export class RowReport {
  readonly repaired: RowProblem[] = [];
  readonly malformed: RowProblem[] = [];
  withoutImage = 0;
  /** Rows that were left out. */
  leftOut = 0;
  readonly #reasons = new Map<string, RowReason>();

  add(problem: RowProblem): void {
    const reason = this.#reasons.get(problem.code);
    if (reason) reason.rows++;
    else this.#reasons.set(problem.code, { ...problem, rows: 1 });
    if (problem.kind !== 'repaired') this.leftOut++;
    if (problem.kind === 'without image') this.withoutImage++;
    else if (this[problem.kind].length < kept) this[problem.kind].push(problem);
  }

  /** The reasons, the most frequent first. */
  get reasons(): RowReason[] {
    return [...this.#reasons.values()].sort((a, b) => b.rows - a.rows);
  }
}
