import type { PipelineError } from '../work/index.js';
import type { Prediction, Scores } from './attributes.js';
import type { TrainedOn } from './files/trained-on.js';
import type { Backend } from './run/backend.js';

/**
 * A loaded model, ready to label images.
 *
 * @example
 * const files = await readdir('images');
 * const predictions = model.predictAll(files, { data: (file) => readFile(`images/${file}`) });
 * for await (const { item, prediction, error } of predictions) {
 *   console.log(item, prediction?.articleType?.label ?? error?.message);
 * }
 */
export interface Model {
  /** The name in its card. */
  readonly name: string;
  /** The backend that it runs on. */
  readonly backend: Backend;
  /** The size in pixels that images are brought to. */
  readonly input: { readonly width: number; readonly height: number };
  /** The attributes that it predicts, each with all its labels. */
  readonly attributes: readonly ModelAttribute[];
  /** How many numbers an embedding has; undefined if the model's card names no embedding. */
  readonly dimensions: number | undefined;
  /** 16 hexadecimal digits that change with the weights, the preprocessing and the labels. */
  readonly fingerprint: string;
  /**
   * The folder, `s3://` prefix or `https://` address that it was loaded from; undefined for the model that ships with
   * the kit.
   */
  readonly source: string | undefined;
  /**
   * The images that it was trained on, which it knows too well to be measured on; undefined where its card does not
   * say.
   *
   * @example
   * const model = await loadModel();
   * console.log(model.trainedOn?.has(await readFile('shirt.jpg'))); // false
   */
  readonly trainedOn: TrainedOn | undefined;
  /** Of a model that `trainHead` wrote, its head alone; else undefined. */
  readonly head?: Head | undefined;
  /**
   * Labels encoded images (JPEG, PNG, WebP, … of any size). Returns a prediction for each, in order, or the error if
   * the image cannot be decoded, or the net's answer to it is no probability (`model.notProbabilities`).
   *
   * @throws PipelineError `model.disposed`.
   */
  predict(images: readonly Uint8Array[]): Promise<(Prediction | PipelineError)[]>;
  /**
   * Embeds encoded images. Returns for each a vector of length 1 with `dimensions` numbers, or the error if the image
   * cannot be decoded. Images that look alike have vectors that are close; their dot product is the cosine similarity.
   *
   * @throws PipelineError `model.noEmbedding`, `model.disposed`.
   *
   * @example
   * const [shirt, shoe] = await model.embed([await readFile('shirt.jpg'), await readFile('shoe.jpg')]);
   */
  embed(images: readonly Uint8Array[]): Promise<(Float32Array | PipelineError)[]>;
  /**
   * Labels a stream of items, in batches and in order; the next batch is fetched and decoded while one runs.
   *
   * @throws PipelineError `model.badBatchSize`, `model.disposed`, `model.noEmbedding` (`details` of a model without an
   * embedding); the signal's reason once it is aborted.
   */
  predictAll<T>(items: Iterable<T> | AsyncIterable<T>, options: PredictAllOptions<T>): AsyncIterable<Predicted<T>>;
  /** Frees its memory; the model cannot be used afterwards. */
  dispose(): void;
}

/** An attribute that a model predicts. */
export interface ModelAttribute {
  readonly name: string;
  readonly labels: readonly string[];
  /** True where several of the labels may hold at once, or none; otherwise one of them holds. */
  readonly multiple?: boolean;
}

/** A head by itself, which says from the embedding of an image what its whole model says of the image. */
export interface Head {
  /** The fingerprint of the model whose embedding it reads. */
  readonly of: string;
  /** Its answer to an embedding, as the net computes it. */
  answer(features: Float32Array): { prediction: Prediction; scores: Scores };
}

/** How a stream of items is labelled. */
export interface PredictAllOptions<T> {
  /** Returns the encoded image of an item. */
  data: (item: T) => Uint8Array | Promise<Uint8Array>;
  /**
   * Images in a batch; default 64. On tfjs-node smaller batches are slower (63: by a quarter), larger ones take more
   * memory (256: 170 MB more), and a batch that is not full takes the time of a full one.
   */
  batchSize?: number | undefined;
  /** Items fetched (and, if the net runs in this process, decoded) at a time; default 32. */
  concurrency?: number | undefined;
  /** Stops the labelling. */
  signal?: AbortSignal | undefined;
  /** Whether to return the probabilities of all labels and the embedding of each image as well; default false. */
  details?: boolean | undefined;
}

/** An item with its prediction, or with the reason why there is none. */
export type Predicted<T> =
  | { item: T; prediction: Prediction; scores?: Scores; embedding?: Float32Array; error?: undefined }
  | { item: T; prediction?: undefined; scores?: undefined; embedding?: undefined; error: PipelineError };
