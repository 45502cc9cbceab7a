import { md5 } from '../aws/index.js';
import { concurrently } from '../work/index.js';
import type { Prediction, Scores } from './attributes.js';
import type { Model, PredictAllOptions, Predicted } from './model.js';
import { unit } from './unit.js';

/** What a model has said of some images, and of which: a scored data set is one. */
export interface Answers {
  readonly model: Pick<Model, 'name' | 'fingerprint' | 'attributes'>;
  /** The MD5 of each image, in hex. */
  readonly md5s: readonly string[];
  readonly predictions: readonly Prediction[];
  /** For each attribute the probabilities of its labels, [images, labels], from 0 to 1. */
  readonly scores: Readonly<Record<string, Float32Array>>;
  /** [images, dimensions], each vector of length 1. */
  readonly embeddings: Float32Array;
  /** The lengths of the embeddings as the net computes them. */
  readonly lengths: Float32Array;
  readonly dimensions: number;
}

/** What a model says of an image. */
export interface Answer {
  prediction: Prediction;
  scores: Scores;
  /** Of length 1; empty where the model has none. */
  embedding: Float32Array;
  /** The length of the embedding as the net computes it. */
  length: number;
}

/** An item with what the model says of its image, or why it says nothing. */
export type Answered<T> =
  | (Answer & { item: T; md5: string; error?: undefined })
  | { item: T; error: NonNullable<Predicted<T>['error']> };

/** What of a model identifies its answers. */
export type Answerer = Pick<Model, 'fingerprint' | 'head'>;

/** Where the images are, and what is known of them. */
export interface AnswerOptions<T> extends Omit<PredictAllOptions<T>, 'batchSize'> {
  /** What was said before: of images with the same MD5 it is not asked for again. */
  before?: readonly Answers[] | undefined;
  /** Returns the MD5 of an item's image in hex, where it is known without reading it. */
  md5?: ((item: T) => string | undefined) | undefined;
}

/**
 * What a model says of the images of items, in order. An image is read, and the model opened, only where the same model
 * has not said it before of the same image. A head needs no more than what the model below it said.
 */
export async function* answer<T>(
  items: readonly T[],
  answerer: Answerer,
  open: () => Model | Promise<Model>,
  { before = [], md5: md5Of, data, concurrency = 32, ...options }: AnswerOptions<T>,
): AsyncGenerator<Answered<T>, void, undefined> {
  const recall = recallOf(before, answerer);
  const md5s = new Map<T, string>();
  const dataAndMd5 = async (item: T) => {
    const bytes = await data(item);
    md5s.set(item, md5(bytes));
    return bytes;
  };
  // An image that cannot be read is reported as the model asks for it.
  const digestOf = async (item: T) => md5Of?.(item) ?? md5(await Promise.resolve(data(item)).catch(() => ''));
  const known = recall.images === 0 ? [] : await concurrently(items, digestOf, { concurrency, signal: options.signal });
  const left = items.filter((_, i) => !recall.has(known[i]));
  const fresh =
    left.length === 0
      ? undefined
      : (await open()).predictAll(left, { ...options, data: dataAndMd5, concurrency })[Symbol.asyncIterator]();
  for (const [i, item] of items.entries()) {
    const before = recall.of(known[i]);
    if (before) {
      yield { item, md5: known[i] ?? '', ...before };
      continue;
    }
    const next = await fresh?.next();
    if (!next || next.done) return;
    const { prediction, scores = {}, embedding = new Float32Array(), error } = next.value;
    if (error) yield { item, error };
    else
      yield {
        item,
        md5: md5s.get(item) ?? '',
        prediction,
        scores,
        embedding: unit(embedding),
        length: Math.fround(Math.hypot(...embedding)),
      };
  }
}

/** What of earlier answers a model can take for its own, by the MD5 of the image. */
function recallOf(before: readonly Answers[], { fingerprint, head }: Answerer) {
  const places = new Map<string | undefined, { answers: Answers; i: number }>();
  for (const answers of before)
    if ([fingerprint, head?.of].includes(answers.model.fingerprint))
      for (const [i, digest] of answers.md5s.entries()) places.set(digest, { answers, i });
  return {
    images: places.size,
    has: (digest: string | undefined) => places.has(digest),
    of(digest: string | undefined): Answer | undefined {
      const place = places.get(digest);
      if (!place) return undefined;
      const { answers, i } = place;
      const { dimensions, lengths, model } = answers;
      const embedding = answers.embeddings.subarray(i * dimensions, (i + 1) * dimensions);
      const length = lengths[i] ?? 0;
      if (head && model.fingerprint !== fingerprint)
        return { ...head.answer(embedding.map((value) => value * length)), embedding, length };
      const scores = Object.fromEntries(
        model.attributes.map(({ name, labels }) => [
          name,
          (answers.scores[name] ?? new Float32Array()).subarray(i * labels.length, (i + 1) * labels.length),
        ]),
      );
      return { prediction: answers.predictions[i] ?? {}, scores, embedding, length };
    },
  };
}
