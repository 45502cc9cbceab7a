import type { Aws } from '../aws.js';
import { imageConcurrency } from '../bucket.js';
import { Dataset, type Part, type Row, type Work, completeDataset, imageOf, openDataset } from '../dataset/index.js';
import { PipelineError } from '../errors.js';
import { Failures } from '../failures.js';
import type { Model, Prediction } from '../model/index.js';
import { Tracker } from '../progress.js';
import type { StepOptions } from './augment.js';
import { predictionsFolder } from './folders.js';

/**
 * Labels the images of a data set by a model. The result is a data set of its own, `<folder>/predictions/`: the rows with
 * `<attribute>Predicted` and `<attribute>Confidence` (from 0 to 1) for each attribute, and the images of the original.
 * What the same model said of the same image in an earlier run is kept.
 *
 * @throws PipelineError `run.tooManyFailures` where more than a tenth of the images cannot be read.
 */
export async function inferDataset(aws: Aws, parent: Dataset, model: Model, { signal, onProgress }: StepOptions = {}): Promise<Dataset> {
  const folder = predictionsFolder(parent.folder);
  const tracker = new Tracker('infer', 'images', parent.rows.length, onProgress);
  const originals = { rows: parent.rows, images: parent.manifest.images };
  const before = await labelledBefore(aws, folder, model);
  const part = await inferPart(aws, originals, model, before, { failures: new Failures(parent.rows.length), tracker, signal });
  const { name, fingerprint, backend } = model;
  const lineage = { kind: 'predictions' as const, parent: { folder: parent.folder, digest: parent.digest }, model: { name, fingerprint, backend } };
  const { manifest } = await completeDataset(aws, folder, [part], lineage);
  tracker.end();
  return new Dataset(aws, folder, part.rows, { ...manifest, images: [...part.images] });
}

/** Labels the images of some rows; `before` has what is known already, by {@link keyOf}. */
export async function inferPart(
  aws: Aws,
  { rows, images }: Omit<Part, 'failures'>,
  model: Model,
  before: ReadonlyMap<string, Columns>,
  { failures, tracker, signal }: Work,
): Promise<Part> {
  const columns = rows.map((row, i) => before.get(keyOf(row, images[i]?.etag)));
  const left = [...rows.entries()].filter(([i]) => columns[i] === undefined);
  tracker.tick(rows.length - left.length);
  const data = ([, row]: [number, Row]) => imageOf(aws, row, signal);
  for await (const { item: [i, row], prediction, error } of model.predictAll(left, { data, concurrency: imageConcurrency, signal })) {
    if (prediction) columns[i] = columnsOf(prediction);
    else failures.add(row.id, 'infer', error);
    tracker.tick(1, prediction ? 0 : 1);
  }
  return {
    rows: rows.flatMap((row, i) => (columns[i] ? [{ ...row, ...columns[i] }] : [])),
    images: images.filter((_, i) => columns[i]).map((image) => ({ ...image, file: `../${image.file}` })),
    failures: failures.sorted,
  };
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
    return new Map(rows.map((row, i) => [keyOf(row, manifest.images[i]?.etag), predicted(row)]));
  } catch (error) {
    if (error instanceof PipelineError && error.code.startsWith('dataset.')) return new Map();
    throw error;
  }
}

/** Tells an image from what another run may have left at the same place. */
const keyOf = ({ imagePath }: Row, etag: string | undefined): string => `${imagePath} ${etag}`;
