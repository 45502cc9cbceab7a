import type { Aws } from '../aws/index.js';
import { Catalogue, type Entry, type Failure, type Schema } from '../catalogue/index.js';
import { checkFolder, checkFormats, type ExportOptions, exportStream, type MetadataFormat } from '../dataset/index.js';
import type { StepOptions } from '../work/index.js';
import { numberOf, type Query } from './queries.js';
import { byMade, definitions } from './queue/tasks/index.js';
import { type Figures, type Report, reportOf } from './run.js';

export interface ExportQueryOptions extends StepOptions {
  /** The schema of the table; default: as `Catalogue.open` finds it. */
  schema?: Schema | undefined;
  formats?: readonly MetadataFormat[] | undefined;
}

/**
 * Exports what a query finds, and returns its report and what failed. Nothing of the data set stays in memory, so its
 * size does not matter; what the query wants made of the images is left out.
 *
 * @throws PipelineError as `Pipeline.run` does.
 */
export async function exportQuery<P extends Entry>(
  aws: Aws,
  query: Query<P>,
  options: ExportQueryOptions = {},
): Promise<{ report: Report; failures: Failure[] }> {
  const { exported, figures } = await exportFound(aws, query, options, exportStream);
  const { count, failures } = exported.manifest;
  const counts = byMade((task) => (definitions[task].made === 'exported' ? count : 0));
  return { report: reportOf(query.folder, counts, failures, figures), failures };
}

/** Reads the catalogue and exports what is found, by one of the two ways to export. */
export async function exportFound<P extends Entry, E extends { products: number }>(
  aws: Aws,
  query: Query<P>,
  { formats = [], schema: wanted, ...steps }: ExportQueryOptions,
  exportTo: (aws: Aws, folder: string, products: AsyncIterable<Entry>, options: ExportOptions) => Promise<E>,
): Promise<{ exported: E; figures: Figures }> {
  const started = performance.now();
  const { where, folder, name } = query;
  checkFolder(folder);
  checkFormats(formats);
  const catalogue = await Catalogue.open<P>(aws, wanted);
  const found = catalogue.query(where, steps);
  const plan = await found.plan;
  const lineage = { name, where, table: aws.table, plan: plan.access };
  const { schema } = catalogue;
  const exported = await exportTo(aws, folder, found, { query: lineage, schema, formats, ...steps });
  const figures = {
    query: numberOf(query),
    name: name ?? 'query',
    products: exported.products,
    plan: String(plan),
    notes: found.notes,
    readUnits: { consumed: found.readUnits, scan: plan.estimate?.scanReadUnits ?? null },
    seconds: (performance.now() - started) / 1000,
  };
  return { exported, figures };
}
