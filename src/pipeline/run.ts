import type { Failure } from '../catalogue/index.js';
import type { Dataset } from '../dataset/index.js';

/** What a run did and what it cost. */
export interface Report {
  /** The number of a named query, from 1 to 5; null for any other. */
  query: number | null;
  name: string;
  /** The folder of the bucket that holds the result. */
  folder: string;
  /** Products found. */
  products: number;
  /** Images in the exported folder. */
  exported: number;
  augmented: number;
  inferred: number;
  /** Items that failed in some step; `failures` says why. */
  failed: number;
  /** The access path and its expected cost. */
  plan: string;
  /**
   * DynamoDB read units: consumed by this query, and what a scan would take (null where the catalogue has no
   * statistics).
   */
  readUnits: { consumed: number; scan: number | null };
  seconds: number;
}

/** The exported data set of a run, with what was derived from it. */
export interface Run extends Dataset {
  /** The augmented images, where the query asks for them. */
  augmented: Dataset | undefined;
  /** The rows with predictions, where the query asks for them. */
  labelled: Dataset | undefined;
  /** What it did and what it cost. */
  report: Report;
  /** The items that failed, in any step. */
  failures: Failure[];
}

/** Joins a data set and what was derived from it, with the figures of the whole. */
export function runOf(
  dataset: Dataset,
  { augmented, labelled }: Pick<Run, 'augmented' | 'labelled'>,
  {
    query,
    name,
    products,
    plan,
    readUnits,
    seconds,
  }: Pick<Report, 'query' | 'name' | 'products' | 'plan' | 'readUnits' | 'seconds'>,
): Run {
  const failures = [dataset, augmented, labelled].flatMap((made) => made?.manifest.failures ?? []);
  const report: Report = {
    query,
    name,
    folder: dataset.folder,
    products,
    exported: dataset.rows.length,
    augmented: augmented?.rows.length ?? 0,
    inferred: labelled?.rows.length ?? 0,
    failed: failures.length,
    plan,
    readUnits,
    seconds: Math.round(seconds * 1000) / 1000,
  };
  return Object.assign(dataset, { augmented, labelled, report, failures });
}
