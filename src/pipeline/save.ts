import type { Aws } from '../aws/index.js';
import {
  changed,
  checkFolder,
  checkFormats,
  copyOf,
  type Dataset,
  digestOf,
  type Lineage,
  lastDigest,
  type MetadataFormat,
  metadataColumns,
  readDataset,
  writeCopy,
} from '../dataset/index.js';
import { PipelineError, type StepOptions } from '../work/index.js';
import {
  copyDerived,
  type Derivation,
  derivationNames,
  derivations,
  derivedOf,
  lineageOf,
  originalFolder,
} from './derived.js';

/**
 * How a view is saved.
 *
 * @example
 * const options: SaveOptions = { reason: 'blurred ones left out', predictions: true };
 * await pipeline.save(shoes.where({ season: 'Fall' }), 'fall_shoes', options);
 */
export interface SaveOptions extends StepOptions {
  /** Why, for whoever finds the data set later. */
  reason: string;
  /** Whether the augmented images of its rows are copied, too; default false. */
  augmented?: boolean;
  /** Whether the predictions for its rows are copied, too; default false. */
  predictions?: boolean;
  /** Formats in which the metadata is written beside metadata.json; default: none. */
  formats?: readonly MetadataFormat[];
  /** Whether another data set that was saved in the folder before is replaced; default false. */
  replace?: boolean;
}

/** Makes a data set of its own of a view, by copies within the bucket. */
export async function saveView(
  aws: Aws,
  view: Dataset,
  folder: string,
  { reason, formats = [], replace = false, signal, onProgress, ...wanted }: SaveOptions,
): Promise<Dataset> {
  checkFolder(folder);
  checkFormats(formats);
  if (typeof reason !== 'string' || reason.trim() === '')
    throw new PipelineError('dataset.noReason', "Say why it is saved: { reason: 'blurred ones left out' }.", {
      value: reason,
    });
  const digest = view.manifest.digest ?? view.digest;
  if ((await digestOf(aws, view.folder)) !== digest) throw changed(view, await lastDigest(aws, view.folder));
  const names = derivationNames.filter((name) => wanted[name] === true);
  await checkDerived(aws, view, names);
  const to = copyOf(aws, view, folder, ({ variant }, { source }, key) => ({
    source: variant === undefined ? source : key,
  }));
  const { steps = [], rule = 'all rows' } = view.view ?? {};
  const columns = columnsOf(view);
  const lineage: Lineage = {
    kind: 'saved',
    columns: columns.join() === metadataColumns.join() ? undefined : columns,
    parent: { folder: view.folder, digest },
    view: { rule, reason: reason.trim(), steps },
  };
  return writeCopy(aws, to, lineage, {
    mayReplace: ({ kind }) => replace && kind === 'saved',
    formats,
    before: (signal) => copyDerived(aws, { from: view, to }, names, { signal, onProgress }),
    signal,
    onProgress,
  });
}

/** The columns of a view's metadata, in their order. */
const columnsOf = ({ rows, manifest }: Dataset): string[] =>
  rows.length > 0 ? [...new Set(rows.flatMap((row) => Object.keys(row)))] : [...(manifest.columns ?? metadataColumns)];

/** @throws PipelineError `dataset.noDerived` where what is asked for was never made. */
async function checkDerived(aws: Aws, view: Dataset, names: readonly Derivation[]): Promise<void> {
  for (const name of names) {
    const { title, remedy } = derivations[name];
    const original = originalFolder(view);
    if ((await derivedOf(aws, view, name)).length > 0) continue;
    throw new PipelineError(
      'dataset.noDerived',
      `s3://${aws.bucket}/${original}/ has no ${title}. Make them first (${remedy}), or leave '${name}' out.`,
      { value: name },
    );
  }
}

/** Copies a data set as it is, with what was derived from it. */
export async function copyWhole(aws: Aws, folder: string, to: string, steps: StepOptions): Promise<Dataset> {
  for (const name of [folder, to]) checkFolder(name);
  const from = await readDataset(aws, folder);
  const target = copyOf(aws, from, to, (_, { source }) => ({ source }), { failures: from.manifest.failures });
  return writeCopy(aws, target, lineageOf(from.manifest), {
    ...steps,
    mayReplace: () => false,
    before: (signal) => copyDerived(aws, { from, to: target }, derivationNames, { ...steps, signal }),
  });
}
