import { chunked, concurrently, messageOf, PipelineError } from '../../work/index.js';
import type { ModelCard } from '../files/card.js';
import type { PredictAllOptions, Predicted } from '../model.js';
import { checkAnswer, predictionOf, scoresAt } from './answers.js';
import type { Inference } from './inference.js';

/** Labels a stream of items in batches, in order; see `Model.predictAll`. */
export async function* predictAll<T>(
  inference: Inference,
  card: ModelCard,
  items: Iterable<T> | AsyncIterable<T>,
  { data, batchSize = 64, concurrency = 32, signal, details = false }: PredictAllOptions<T>,
): AsyncGenerator<Predicted<T>, void, undefined> {
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new PipelineError(
      'model.badBatchSize',
      `The batch size is ${batchSize}; it takes a whole number from 1 on.`,
      { value: batchSize },
    );
  }
  if (details && inference.dimensions === undefined) {
    throw new PipelineError(
      'model.noEmbedding',
      `The model '${card.name}' has no embedding: name the layer or node of its pooled features in ` +
        'pipeline.json, as "embedding".',
      { value: card.name },
    );
  }
  const running: Promise<Predicted<T>[]>[] = [];
  for await (const batch of chunked(items, batchSize)) {
    signal?.throwIfAborted();
    const next = concurrently(batch, (item) => prepareItem(inference, item, data), { concurrency, signal }).then(
      (prepared) => {
        signal?.throwIfAborted();
        return run(inference, card, prepared, { size: batchSize, details });
      },
    );
    // Rejections surface when awaited; this avoids `unhandledRejection` if the reader stopped early.
    next.catch(() => undefined);
    running.push(next);
    // As many as the net runs at a time, and one that is prepared meanwhile.
    if (running.length > inference.parallel) yield* (await running.shift()) ?? [];
  }
  for (const last of running) yield* await last;
}

type Prepared<T> =
  | { item: T; image: Uint8Array; error?: undefined }
  | { item: T; image?: undefined; error: PipelineError };

async function prepareItem<T>(inference: Inference, item: T, data: PredictAllOptions<T>['data']): Promise<Prepared<T>> {
  try {
    return { item, image: await inference.prepare(await data(item)) };
  } catch (cause) {
    const error =
      cause instanceof PipelineError
        ? cause
        : new PipelineError('image.unreadable', `The image cannot be read: ${messageOf(cause)}`, { cause });
    return { item, error };
  }
}

/** Runs the net on the images of a batch that could be read. */
async function run<T>(
  inference: Inference,
  card: ModelCard,
  batch: readonly Prepared<T>[],
  { size, details }: { size: number; details: boolean },
): Promise<Predicted<T>[]> {
  const images = batch.flatMap(({ image }) => image ?? []);
  const { attributes, dimensions = 0 } = inference;
  const { unreadable, ...outputs } = await inference.run(images, size);
  let [place, row] = [0, 0];
  return batch.map(({ item, error }) => {
    if (error !== undefined) return { item, error };
    const reason = unreadable?.get(place++);
    if (reason !== undefined) return { item, error: new PipelineError('image.unreadable', reason) };
    const scores = scoresAt(outputs.heads, attributes, row);
    const at = row++ * dimensions;
    const embedding = outputs.embeddings.slice(at, at + dimensions);
    try {
      checkAnswer(scores, embedding, attributes, card.name);
    } catch (cause) {
      if (cause instanceof PipelineError) return { item, error: cause };
      throw cause;
    }
    const prediction = predictionOf(scores, attributes);
    return details ? { item, prediction, scores, embedding } : { item, prediction };
  });
}
