import type { Aws } from '../aws.js';
import { imageConcurrency } from '../bucket.js';
import { type Dataset, type Row, completeDataset, openDataset } from '../dataset/index.js';
import { PipelineError } from '../errors.js';
import { Failures } from '../failures.js';
import type { Model, Prediction } from '../model/index.js';
import { Tracker } from '../progress.js';
import type { StepOptions } from './augment.js';

/**
 * Labels the images of a data set by a model. The result is a data set of its own, `<folder>/predictions/`: the rows with
 * `<attribute>Predicted` and `<attribute>Confidence` (from 0 to 1) for each attribute, and the images of the original.
 * What the same model said of the same image in an earlier run is kept.
 *
 * @throws PipelineError `run.tooManyFailures` where more than a tenth of the images cannot be read.
 */
export async function inferDataset(aws: Aws, parent: Dataset, model: Model, { signal, onProgress }: StepOptions = {}): Promise<Dataset> {
  const folder = `${parent.folder}/predictions`;
  const tracker = new Tracker('infer', 'images', parent.rows.length, onProgress);
  const failures = new Failures(parent.rows.length);
  const before = await labelledBefore(aws, folder, model);
  const { images } = parent.manifest;
  const columns = parent.rows.map((row, i) => before.get(imageOf(row, images[i]?.etag)));
  const left = [...parent.rows.entries()].filter(([i]) => columns[i] === undefined);
  tracker.tick(parent.rows.length - left.length);
  const data = async ([, row]: [number, Row]) => (await parent.picture(row, signal)).data;
  for await (const { item: [i, row], prediction, error } of model.predictAll(left, { data, concurrency: imageConcurrency, signal })) {
    if (prediction) columns[i] = columnsOf(prediction);
    else failures.add(row.id, 'infer', error);
    tracker.tick(1, prediction ? 0 : 1);
  }
  const { name, fingerprint, backend } = model;
  const { dataset } = await completeDataset(
    aws,
    folder,
    parent.rows.flatMap((row, i) => (columns[i] ? [{ ...row, ...columns[i] }] : [])),
    {
      kind: 'predictions',
      parent: { folder: parent.folder, digest: parent.digest },
      model: { name, fingerprint, backend },
      failures: failures.sorted,
      images: images.filter((_, i) => columns[i]).map((image) => ({ ...image, file: `../${image.file}` })),
    },
    new Map(),
  );
  tracker.end();
  return dataset;
}

type Columns = Record<string, unknown>;

/** A prediction as columns beside the labels. */
const columnsOf = (prediction: Prediction): Columns =>
  Object.fromEntries(
    Object.entries(prediction).flatMap(([attribute, { label, confidence }]) => [
      [`${attribute}Predicted`, label],
      [`${attribute}Confidence`, Math.round(confidence * 1e4) / 1e4],
    ]),
  );

/** The columns that the same model gave each image. */
async function labelledBefore(aws: Aws, folder: string, model: Model): Promise<Map<string, Columns>> {
  try {
    const { rows, manifest } = await openDataset(aws, folder);
    if (manifest.model?.fingerprint !== model.fingerprint) return new Map();
    const predicted = (row: Row) => Object.fromEntries(Object.entries(row).filter(([name]) => /(Predicted|Confidence)$/.test(name)));
    return new Map(rows.map((row, i) => [imageOf(row, manifest.images[i]?.etag), predicted(row)]));
  } catch (error) {
    if (error instanceof PipelineError && error.code.startsWith('dataset.')) return new Map();
    throw error;
  }
}

const imageOf = ({ imagePath }: Row, etag: string | undefined): string => `${imagePath} ${etag}`;
