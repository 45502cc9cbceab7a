import { type Failure, Failures } from '../catalogue/index.js';
import { type Answers, answer, type Item, type Model, type Prediction } from '../model/index.js';
import { interruptible, type StepOptions, startOver, Tracker } from '../work/index.js';

/** Items with everything that a model predicts for them. */
export interface Scored<T extends Item = Item> extends Answers {
  /** The items whose image could be read. All else has a value, or a row, for each of them. */
  items: readonly T[];
  /** Whether the model was trained on the image of each; undefined where the model's card does not say. */
  trainedOn?: readonly boolean[] | undefined;
  failures: readonly Failure[];
  /** Reads the encoded image of one of the items again, from where it was read to be scored. */
  image?(item: T): Uint8Array | Promise<Uint8Array>;
}

/** Where the images of the items come from. */
export interface ScoreOptions<T> extends StepOptions {
  /** Returns the encoded image of an item. */
  data: (item: T) => Uint8Array | Promise<Uint8Array>;
  /**
   * Returns the MD5 in hex of the image that an item's was made of, if it is an augmented one: a model that was trained
   * on that one knows this one, too.
   */
  origin?: ((item: T) => string | undefined) | undefined;
  /** What was scored before: images that the same model has scored are not computed again. */
  scored?: Answers | readonly Answers[] | undefined;
  /** Returns the MD5 of an item's image in hex, where it is known without reading it: what is scored is known by it. */
  md5?: ((item: T) => string | undefined) | undefined;
}

/**
 * Runs a model over the images of items and keeps all probabilities and embeddings, from which the other functions of
 * curation work. With the shipped model that is about 3 KB per item, 120 MB for 40,000.
 *
 * @throws PipelineError `model.noEmbedding` where the model's card names no embedding, `run.tooManyFailures` where more
 * than a tenth of the images cannot be read.
 *
 * @example
 * const dataset = await openDataset(aws, 'query_male_shoes_from_2012_as');
 * const scored = await score(await loadModel(), dataset.rows, { data: (row) => dataset.image(row) });
 * evaluate(scored);
 */
export function score<T extends Item>(model: Model, items: readonly T[], options: ScoreOptions<T>): Promise<Scored<T>> {
  return interruptible(options, startOver, (steps) => scoreItems(model, items, { ...options, ...steps }));
}

async function scoreItems<T extends Item>(
  model: Model,
  items: readonly T[],
  { data, md5, origin, scored, signal, onProgress }: ScoreOptions<T>,
): Promise<Scored<T>> {
  const { name, fingerprint, attributes, dimensions = 0 } = model;
  const failures = new Failures(items.length);
  const tracker = new Tracker('score', 'images', items.length, onProgress);
  const read: T[] = [];
  const md5s: string[] = [];
  const predictions: Prediction[] = [];
  const scores = Object.fromEntries(
    attributes.map(({ name, labels }) => [name, new Float32Array(items.length * labels.length)]),
  );
  const embeddings = new Float32Array(items.length * dimensions);
  const lengths = new Float32Array(items.length);
  const options = { data, md5, before: [scored ?? []].flat(), details: true, signal };
  for await (const answered of answer(items, model, () => model, options)) {
    const { item, error } = answered;
    tracker.tick(1, error ? 1 : 0);
    if (error) {
      failures.add(item.id, 'infer', error);
      continue;
    }
    for (const { name, labels } of attributes)
      scores[name]?.set(answered.scores[name] ?? [], read.length * labels.length);
    embeddings.set(answered.embedding, read.length * dimensions);
    lengths[read.length] = answered.length;
    read.push(item);
    md5s.push(answered.md5);
    predictions.push(answered.prediction);
  }
  tracker.end();
  const { trainedOn } = model;
  const knows = (item: T, md5: string) =>
    trainedOn?.has(md5) === true || trainedOn?.has(origin?.(item) ?? md5) === true;
  return {
    model: { name, fingerprint, attributes },
    items: read,
    md5s,
    predictions,
    scores: Object.fromEntries(
      attributes.map(({ name, labels }) => [
        name,
        (scores[name] ?? new Float32Array()).subarray(0, read.length * labels.length),
      ]),
    ),
    embeddings: embeddings.subarray(0, read.length * dimensions),
    lengths: lengths.subarray(0, read.length),
    dimensions,
    trainedOn: trainedOn && read.map((item, i) => knows(item, md5s[i] ?? '')),
    failures: failures.sorted,
    image: data,
  };
}
