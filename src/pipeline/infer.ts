import { type Aws, imageConcurrency } from '../aws/index.js';
import { Failures } from '../catalogue/index.js';
import {
  claimFolder,
  completeDataset,
  Dataset,
  holdFolder,
  imageOf,
  openDataset,
  type Part,
  type Row,
  type Work,
} from '../dataset/index.js';
import { type Model, type Prediction, unit } from '../model/index.js';
import { PipelineError, type StepOptions, Tracker, toFloat16 } from '../work/index.js';
import { predictionsFolder } from './folders.js';

/**
 * Labels the images of a data set by a model. The result is a data set of its own, in `<folder>/predictions/`: the rows
 * with `<attribute>Predicted` and `<attribute>Confidence` (from 0 to 1) for each attribute, and the images of the
 * original. If the model has embeddings, they are in `embeddings.f16` beside the metadata: see
 * `Dataset.embeddings`. Predictions that the same model made for the same image in an earlier run are kept.
 *
 * @throws PipelineError `run.tooManyFailures` if more than a tenth of the images cannot be read.
 */
export async function inferDataset(
  aws: Aws,
  parent: Dataset,
  model: Model,
  { signal, onProgress }: StepOptions = {},
): Promise<Dataset> {
  const folder = predictionsFolder(parent.folder);
  return holdFolder(aws, folder, signal, async ({ signal, confirm }) => {
    await claimFolder(aws, folder, signal);
    const tracker = new Tracker('infer', 'images', parent.rows.length, onProgress);
    const originals = { rows: parent.rows, images: parent.manifest.images };
    const before = await inferredBefore(aws, folder, model);
    const part = await inferPart(aws, originals, model, before, {
      failures: new Failures(parent.rows.length),
      tracker,
      signal,
    });
    const { name, fingerprint, backend } = model;
    const lineage = {
      kind: 'predictions' as const,
      parent: { folder: parent.folder, digest: parent.digest },
      model: { name, fingerprint, backend },
    };
    const { manifest } = await completeDataset(aws, folder, [part], lineage, { confirm, signal });
    tracker.end();
    return new Dataset(aws, folder, part.rows, { ...manifest, images: [...part.images] });
  });
}

/** Infers from the images of some rows; `before` has what is known already, by `keyOf`. */
export async function inferPart(
  aws: Aws,
  { rows, images }: Omit<Part, 'failures'>,
  model: Model,
  before: ReadonlyMap<string, Inferred>,
  { failures, tracker, signal }: Work,
): Promise<Part> {
  const inferred = rows.map((row, i) => before.get(keyOf(row, images[i]?.etag)));
  const left = [...rows.entries()].filter(([i]) => inferred[i] === undefined);
  tracker.tick(rows.length - left.length);
  const data = ([, row]: [number, Row]) => imageOf(aws, row, signal);
  const details = model.dimensions !== undefined;
  for await (const {
    item: [i, row],
    prediction,
    embedding,
    error,
  } of model.predictAll(left, { data, concurrency: imageConcurrency, details, signal })) {
    if (prediction)
      inferred[i] = { columns: columnsOf(prediction), embedding: embedding && (await halfBytes(unit(embedding))) };
    else failures.add(row.id, 'infer', error);
    tracker.tick(1, prediction ? 0 : 1);
  }
  const done = inferred.flatMap((one) => one ?? []);
  return {
    rows: rows.flatMap((row, i) => (inferred[i] ? [{ ...row, ...inferred[i].columns }] : [])),
    images: images.filter((_, i) => inferred[i]).map((image) => ({ ...image, file: `../${image.file}` })),
    failures: failures.sorted,
    embeddings: details ? Buffer.concat(done.flatMap(({ embedding }) => embedding ?? [])) : undefined,
  };
}

/** The result for an image: the columns of its predictions, and its embedding as the data set stores it. */
interface Inferred {
  columns: Record<string, unknown>;
  embedding: Uint8Array | undefined;
}

/** A prediction as columns beside the labels; of a set, the lists of its labels and of their confidences. */
const columnsOf = (prediction: Prediction): Inferred['columns'] =>
  Object.fromEntries(
    Object.entries(prediction).flatMap(([attribute, { label, confidence, labels }]) => [
      [`${attribute}Predicted`, labels?.map((one) => one.label) ?? label],
      [`${attribute}Confidence`, labels?.map((one) => rounded(one.confidence)) ?? rounded(confidence)],
    ]),
  );

const rounded = (confidence: number): number => Math.round(confidence * 1e4) / 1e4;

const halfBytes = async (values: Float32Array): Promise<Uint8Array> => new Uint8Array((await toFloat16(values)).buffer);

/** The results of the same model from an earlier run, by image. */
async function inferredBefore(aws: Aws, folder: string, model: Model): Promise<Map<string, Inferred>> {
  try {
    const dataset = await openDataset(aws, folder);
    const { rows, manifest } = dataset;
    if (manifest.model?.fingerprint !== model.fingerprint || manifest.dimensions !== model.dimensions) return new Map();
    const { embeddings, dimensions } =
      model.dimensions === undefined ? { embeddings: undefined, dimensions: 0 } : await dataset.embeddings();
    const predicted = (row: Row) =>
      Object.fromEntries(Object.entries(row).filter(([name]) => /(Predicted|Confidence)$/.test(name)));
    const bytes = embeddings && (await halfBytes(embeddings));
    const embeddingAt = (i: number) => bytes?.subarray(2 * i * dimensions, 2 * (i + 1) * dimensions);
    return new Map(
      rows.map((row, i) => [
        keyOf(row, manifest.images[i]?.etag),
        { columns: predicted(row), embedding: embeddingAt(i) },
      ]),
    );
  } catch (error) {
    if (error instanceof PipelineError && /^(dataset|s3)\./.test(error.code)) return new Map();
    throw error;
  }
}

/** Distinguishes an image from one that another run may have left at the same place. */
const keyOf = ({ imagePath }: Row, etag: string | undefined): string => `${imagePath} ${etag}`;
