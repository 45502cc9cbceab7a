import { didYouMean, interruptible, PipelineError, Tracker } from '../../work/index.js';
import type { Metric } from '../files/card.js';
import { readModelFiles } from '../files/files.js';
import { isGraph } from '../files/model-json.js';
import { type Item, labelOf } from '../item.js';
import { useBackend } from '../run/backend.js';
import { shippedModel } from '../shipped.js';
import { readFeatures } from './features.js';
import type { HeadOptions } from './options.js';

/** What became of it. */
export interface TrainedHead {
  /** The folder of the model: for `loadModel`. */
  folder: string;
  /** What it tells apart. */
  labels: readonly string[];
  /** Images that it was trained on, and others that it was measured on. */
  images: { trained: number; heldOut: number; unreadable: number };
  /** Labels that were too rare, with their images. */
  leftOut: Readonly<Record<string, number>>;
  /** On the held-out images, those with a label that was left out included. */
  metric: Metric;
  seconds: number;
}

/**
 * Teaches a model an attribute of one's own: a linear layer on its features (those of the embedding), which stay as
 * they are. In seconds to minutes, on wasm too. Writes a model that `loadModel` takes as any other. The images that the
 * shipped model was never trained on, about one in eight by a hash of their bytes, are held out to measure it and to
 * calibrate its confidences.
 *
 * @throws PipelineError `training.noLabels`, `training.tooFewLabels`, `model.noEmbedding`, `model.notLayers`; those of
 * `loadModel`; the signal's reason once it is aborted.
 *
 * @example
 * const rows = [{ id: 15970, sleeve: 'short' }, { id: 39386, sleeve: 'long' }]; // … and hundreds more
 * const data = (row: { id: number }) => readFile(`images/${row.id}.jpg`);
 * const { labels, metric } = await trainHead(rows, { attribute: 'sleeve', data, out: 'out/sleeves' });
 * const sleeves = await loadModel('out/sleeves');
 */
export function trainHead<T extends Item>(items: readonly T[], options: HeadOptions<T>): Promise<TrainedHead> {
  return interruptible(options, 'Run the cell again to begin anew.', (steps) => train(items, { ...options, ...steps }));
}

async function train<T extends Item>(items: readonly T[], options: HeadOptions<T>): Promise<TrainedHead> {
  const { attribute, out, model: source = shippedModel, s3, minImages = 5, seed = 1, signal, onProgress } = options;
  const started = performance.now();
  const labelled = items.filter((item) => labelOf(item, attribute) !== undefined);
  if (labelled.length === 0) {
    const fields = [...new Set(items.slice(0, 1000).flatMap((item) => Object.keys(item)))];
    throw new PipelineError(
      'training.noLabels',
      `None of the ${items.length} items has a value for '${attribute}'.${didYouMean(attribute, fields)} ` +
        'Name the field of the labels, and give each item to learn from a value.',
      { value: attribute },
    );
  }
  const backend = await useBackend(options.backend);
  const files = await readModelFiles(source, s3);
  if (isGraph(files.network)) {
    throw new PipelineError(
      'model.notLayers',
      `The model '${files.card.name}' is a graph, to which no head can be added. Take one of Keras layers, ` +
        'such as the shipped one.',
      { value: source },
    );
  }
  const examples = await readFeatures(labelled, { ...options, backend });
  const training = examples.filter(({ part }) => part === 'train');
  const heldOut = examples.filter(({ part }) => part !== 'train');
  const counts = new Map<string, number>();
  for (const { label } of training) counts.set(label, (counts.get(label) ?? 0) + 1);
  const labels = [...counts].flatMap(([label, count]) => (count >= minImages ? [label] : [])).sort();
  if (labels.length < 2) {
    const given = [...counts].slice(0, 5).map(([label, count]) => `${label} (${count})`);
    throw new PipelineError(
      'training.tooFewLabels',
      `'${attribute}' has ${labels.length} label(s) with ${minImages} images or more to train on: ` +
        `${given.join(', ')}. A model needs two to tell apart; give it more items, or lower \`least\`.`,
      { value: attribute },
    );
  }
  // TensorFlow.js takes most of a second to import: only who trains pays for it.
  const { fitHead } = await import('./fit.js');
  const known = training.filter(({ label }) => labels.includes(label));
  const tracker = new Tracker('train', 'steps', undefined, onProgress);
  const onStep = (done: number, steps: number) => {
    tracker.total = steps;
    tracker.tick(done - tracker.done);
  };
  const metric = await fitHead({
    files,
    source,
    out,
    attribute,
    labels,
    training: known,
    heldOut,
    seed,
    signal,
    onStep,
  });
  tracker.end();
  return {
    folder: out,
    labels,
    images: { trained: known.length, heldOut: heldOut.length, unreadable: labelled.length - examples.length },
    leftOut: Object.fromEntries([...counts].filter(([label]) => !labels.includes(label))),
    metric,
    seconds: (performance.now() - started) / 1000,
  };
}
