import path from 'node:path';
import { type Aws, imageConcurrency } from '../aws/index.js';
import { Failures } from '../catalogue/index.js';
import {
  claimFolder,
  completeDataset,
  Dataset,
  holdFolder,
  imageOf,
  type Manifest,
  type Part,
  type Row,
  readDataset,
  type Work,
} from '../dataset/index.js';
import { type Answers, answer, type Model, type Prediction } from '../model/index.js';
import { PipelineError, type StepOptions, Tracker, toFloat16 } from '../work/index.js';
import { predictionsFolder } from './folders.js';
import { originalsOf, selected } from './originals.js';

/** How labelling goes on, and what it need not compute again. */
export interface InferOptions extends StepOptions {
  /** What was scored before, by this model or by the one below it. */
  scored?: readonly Answers[] | undefined;
  /** The name of the predictions; those without one lie in `predictions/` itself. */
  name?: string | undefined;
}

/**
 * Labels the images of a data set by a model. The result is a data set of its own, in `<folder>/predictions/`, or with
 * a name in `<folder>/predictions/<name>/`, beside those of other models: the rows
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
  { signal, onProgress, scored, name: ownName }: InferOptions = {},
): Promise<Dataset> {
  const folder = predictionsFolder(parent.folder, ownName);
  return holdFolder(aws, folder, signal, async ({ signal, confirm }) => {
    await claimFolder(aws, folder, signal);
    const originals = await originalsOf(aws, parent, {
      folder,
      same: (manifest) => isOf(manifest, model),
      originOf: ({ imagePath }) => imagePath,
      verb: 'infer from',
    });
    const tracker = new Tracker('infer', 'images', originals.rows.length, onProgress);
    const before = await inferredBefore(aws, folder, model);
    const part = await inferPart(aws, originals, model, before, {
      scored,
      failures: new Failures(originals.rows.length),
      tracker,
      signal,
      up: upFrom(folder, parent.folder),
    });
    const { name, fingerprint, backend } = model;
    const lineage = {
      kind: 'predictions' as const,
      parent: { folder: parent.folder, digest: originals.digest },
      model: { name, fingerprint, backend },
    };
    const { manifest } = await completeDataset(aws, folder, [part], lineage, { confirm, signal });
    tracker.end();
    const inferred = new Dataset(aws, folder, part.rows, { ...manifest, images: [...part.images] });
    return selected(inferred, parent, ({ imagePath }) => imagePath);
  });
}

/** The way from the folder of predictions to that of their images. */
export const upFrom = (folder: string, images: string): string => `${path.posix.relative(folder, images)}/`;

/**
 * Infers from the images of some rows; `before` has what is known already, by `keyOf`, and `up` leads from the folder
 * of the predictions to that of the images.
 */
export async function inferPart(
  aws: Aws,
  { rows, images }: Omit<Part, 'failures'>,
  model: Model,
  before: ReadonlyMap<string, Inferred>,
  { failures, tracker, signal, scored, up = '../' }: Work & Pick<InferOptions, 'scored'> & { up?: string },
): Promise<Part> {
  const inferred = rows.map((row, i) => before.get(keyOf(row, images[i]?.etag)));
  const left = [...rows.entries()].filter(([i]) => inferred[i] === undefined);
  tracker.tick(rows.length - left.length);
  const details = model.dimensions !== undefined;
  for await (const answered of answer(left, model, () => model, {
    before: scored,
    data: ([, row]) => imageOf(aws, row, signal),
    md5: ([i]) => images[i]?.etag,
    concurrency: imageConcurrency,
    details,
    signal,
  })) {
    const { item, error } = answered;
    const [i, row] = item;
    if (error) failures.add(row.id, 'infer', error);
    else
      inferred[i] = {
        columns: columnsOf(answered.prediction),
        embedding: details ? await halfBytes(answered.embedding) : undefined,
      };
    tracker.tick(1, error ? 1 : 0);
  }
  const done = inferred.flatMap((one) => one ?? []);
  return {
    rows: rows.flatMap((row, i) => (inferred[i] ? [{ ...row, ...inferred[i].columns }] : [])),
    images: images.filter((_, i) => inferred[i]).map((image) => ({ ...image, file: `${up}${image.file}` })),
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

/** Whether predictions are a model's. */
const isOf = (manifest: Manifest, { fingerprint, dimensions }: Model): boolean =>
  manifest.model?.fingerprint === fingerprint && manifest.dimensions === dimensions;

/** The results of the same model from an earlier run, by image. */
async function inferredBefore(aws: Aws, folder: string, model: Model): Promise<Map<string, Inferred>> {
  try {
    const dataset = await readDataset(aws, folder);
    const { rows, manifest } = dataset;
    if (!isOf(manifest, model)) return new Map();
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
