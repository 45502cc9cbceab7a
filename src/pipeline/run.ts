import type { Failure } from '../catalogue/index.js';
import type { Dataset } from '../dataset/index.js';
import { byMade, type Made, type Task } from './queue/tasks/index.js';

/** What a run did and what it cost. `exported`, `augmented` and `inferred` are the images of each data set. */
export interface Report extends Record<Made, number> {
  /** The number of a named query, from 1 to 5; null for any other. */
  query: number | null;
  name: string;
  /** The folder of the bucket that holds the result. */
  folder: string;
  /** Products found. */
  products: number;
  /** Items that failed in some step; `failures` says why. */
  failed: number;
  /** The access path and its expected cost. */
  plan: string;
  /** Which values of the condition no product has, or why nothing was found; mostly none. */
  notes: readonly string[];
  /**
   * DynamoDB read units: consumed by this query, and what a scan would take (null where the catalogue has no
   * statistics).
   */
  readUnits: { consumed: number; scan: number | null };
  seconds: number;
}

/** The exported data set of a run, with what was derived from it. */
export interface Run extends Dataset, Record<Exclude<Made, 'exported'>, Dataset | undefined> {
  /** The augmented images, where the query asks for them. */
  augmented: Dataset | undefined;
  /** The rows with predictions, where the query asks for them. */
  inferred: Dataset | undefined;
  /** What it did and what it cost. */
  report: Report;
  /** The items that failed, in any step. */
  failures: Failure[];
}

/** What a report says of a run beside its images. */
export type Figures = Pick<Report, 'query' | 'name' | 'products' | 'plan' | 'notes' | 'readUnits' | 'seconds'>;

/** The report of a run that has made so many images of each kind. */
export const reportOf = (
  folder: string,
  counts: Record<Made, number>,
  failures: readonly Failure[],
  { query, name, products, plan, notes, readUnits, seconds }: Figures,
): Report => ({
  query,
  name,
  folder,
  products,
  ...counts,
  failed: failures.length,
  plan,
  notes,
  readUnits,
  seconds: Math.round(seconds * 1000) / 1000,
});

/** Joins a data set and what was derived from it, with the figures of the whole. */
export function runOf(dataset: Dataset, derived: ReadonlyMap<Task, Dataset>, figures: Figures): Run {
  const sets = new Map<Task, Dataset>([['copy', dataset], ...derived]);
  const failures = [...sets.values()].flatMap(({ manifest }) => manifest.failures);
  const counts = byMade((task) => sets.get(task)?.rows.length ?? 0);
  const report = reportOf(dataset.folder, counts, failures, figures);
  const { exported, ...others } = byMade((task) => sets.get(task));
  return Object.assign(dataset, others, { report, failures });
}
