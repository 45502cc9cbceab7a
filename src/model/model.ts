import type { PipelineError } from '../work/index.js';
import type { Prediction, Scores } from './attributes.js';
import type { Backend } from './run/backend.js';

/**
 * A loaded model, ready to label images.
 *
 * @example
 * const files = await readdir('images');
 * for await (const { item, prediction, error } of model.predictAll(files, { data: (file) => readFile(`images/${file}`) })) {
 *   console.log(item, prediction?.articleType?.label ?? error?.message);
 * }
 */
export interface Model {
  /** As its card has it. */
  readonly name: string;
  /** Where it runs. */
  readonly backend: Backend;
  /** The size that images are brought to, in pixels. */
  readonly input: { readonly width: number; readonly height: number };
  /** What it predicts: attributes, each with all its labels. */
  readonly attributes: readonly { readonly name: string; readonly labels: readonly string[] }[];
  /** How many numbers an embedding has; undefined where the model's card names none. */
  readonly dimensions: number | undefined;
  /** 16 hexadecimal digits that change with the weights, the preprocessing and the labels. */
  readonly fingerprint: string;
  /**
   * The folder, `s3://` prefix or `https://` address that it was loaded from; undefined for the one that ships with the
   * kit.
   */
  readonly source: string | undefined;
  /**
   * Labels encoded images (JPEG, PNG, WebP, … of any size), in their order; one that cannot be decoded gives its error
   * and the others go on.
   */
  predict(images: readonly Uint8Array[]): Promise<(Prediction | PipelineError)[]>;
  /**
   * Embeds encoded images as `predict` labels them: for each a vector of length 1, near those of images that look
   * alike; their dot products are cosine similarities.
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
   * @throws PipelineError `model.badBatchSize`, `model.disposed`, `model.noEmbedding` (details of a model without one);
   * the signal's reason once it is aborted.
   */
  predictAll<T>(items: Iterable<T> | AsyncIterable<T>, options: PredictAllOptions<T>): AsyncIterable<Predicted<T>>;
  /** Frees its memory; it cannot be used after. */
  dispose(): void;
}

/** How a stream of items is labelled. */
export interface PredictAllOptions<T> {
  /** The encoded image of an item. */
  data: (item: T) => Uint8Array | Promise<Uint8Array>;
  /**
   * Images a run. Default 64. On tfjs-node, smaller runs are slower (63: by a quarter), larger ones take more memory
   * (256: 170 MB) and the time of a whole one even where there are fewer images.
   */
  batchSize?: number | undefined;
  /** Items fetched at a time, and decoded where the net runs in this process. Default 32. */
  concurrency?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Gives the probabilities of all labels and the embedding of each image as well. Default false. */
  details?: boolean | undefined;
}

/** An item with what the model says of it, or with the reason why it says nothing. */
export type Predicted<T> =
  | { item: T; prediction: Prediction; scores?: Scores; embedding?: Float32Array; error?: undefined }
  | { item: T; prediction?: undefined; scores?: undefined; embedding?: undefined; error: PipelineError };
