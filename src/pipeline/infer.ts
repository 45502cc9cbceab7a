import type { Aws } from '../aws.js';
import { type Dataset, type Row, completeDataset, openDataset } from '../dataset/index.js';
import { PipelineError } from '../errors.js';
import { Failures } from '../failures.js';
import type { Model, Prediction } from '../model/index.js';
import { Tracker } from '../progress.js';
import type { StepOptions } from './augment.js';

/**
 * Labels the images of a data set by a model. The result is a data set of its own, `<folder>/predictions/`: the rows with
 * `<attribute>Predicted` and `<attribute>Confidence` (from 0 to 1) for each attribute, and the images of the original.
 * Where the same model has labelled the same images already, that is opened.
 *
 * @throws PipelineError `run.tooManyFailures` where more than a tenth of the images cannot be read.
 */
export async function inferDataset(aws: Aws, parent: Dataset, model: Model, { signal, onProgress }: StepOptions = {}): Promise<Dataset> {
  const folder = `${parent.folder}/predictions`;
  const tracker = new Tracker('infer', 'images', parent.rows.length, onProgress);
  const before = await labelledBefore(aws, folder, parent, model);
  if (before) {
    tracker.tick(parent.rows.length);
    tracker.end();
    return before;
  }
  const failures = new Failures(parent.rows.length);
  const rows: Row[] = [];
  for await (const { item: row, prediction, error } of model.predictAll(parent.rows, { data: async (row) => (await parent.picture(row, signal)).data, signal })) {
    if (prediction) rows.push({ ...row, ...columnsOf(prediction) });
    else failures.add(row.id, 'infer', error);
    tracker.tick(1, prediction ? 0 : 1);
  }
  const { name, fingerprint, backend } = model;
  const { dataset } = await completeDataset(
    aws,
    folder,
    rows,
    { kind: 'predictions', parent: { folder: parent.folder, digest: parent.digest }, model: { name, fingerprint, backend }, failures: failures.sorted, images: [] },
    new Map(),
  );
  tracker.end();
  return dataset;
}

/** A prediction as columns beside the labels. */
const columnsOf = (prediction: Prediction): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(prediction).flatMap(([attribute, { label, confidence }]) => [
      [`${attribute}Predicted`, label],
      [`${attribute}Confidence`, Math.round(confidence * 1e4) / 1e4],
    ]),
  );

async function labelledBefore(aws: Aws, folder: string, parent: Dataset, model: Model): Promise<Dataset | undefined> {
  try {
    const dataset = await openDataset(aws, folder);
    const { manifest } = dataset;
    const same = manifest.parent?.digest === parent.digest && manifest.model?.fingerprint === model.fingerprint && manifest.failures.length === 0;
    return same ? dataset : undefined;
  } catch (error) {
    if (error instanceof PipelineError && error.code.startsWith('dataset.')) return undefined;
    throw error;
  }
}
