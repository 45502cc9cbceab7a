import { didYouMean, interruptible, PipelineError, startOver, Tracker } from '../../work/index.js';
import type { Metric } from '../files/card.js';
import { readModelFiles } from '../files/files.js';
import { isGraph } from '../files/model-json.js';
import { readTrainedOn, trainedOnBytes } from '../files/trained-on.js';
import { type Item, labelOf } from '../item.js';
import { fingerprintOf } from '../load.js';
import { useBackend } from '../run/backend.js';
import { shippedModel } from '../shipped.js';
import { readFeatures } from './features.js';
import type { Identity } from './held-out.js';
import type { HeadOptions } from './options.js';
import { apart, divided, givenSides } from './sides.js';

/** The result of training a head. */
export interface TrainedHead {
  /** The folder of the model, for `loadModel`. */
  folder: string;
  /** The labels that it predicts. */
  labels: readonly string[];
  /** How many images it was trained on and measured on, and how many could not be read. */
  images: {
    trained: number;
    heldOut: number;
    /** Of those held out, how many the model below was trained on: on them the head looks better than it is. */
    heldOutSeen: number;
    unreadable: number;
    /** Those on other sides of a split than `train` and `validation`: they were not looked at. */
    otherSides: number;
  };
  /** Labels that were too rare, with the number of their images. */
  leftOut: Readonly<Record<string, number>>;
  /** Measured on the held-out images, including those whose label was left out. */
  metric: Metric;
  seconds: number;
}

/**
 * Trains a model for an attribute of your own: a linear layer on the embedding of a model, which itself stays as it is.
 * Takes seconds to minutes, on wasm too, and writes a model for `loadModel`. About one image in eight is held out to
 * measure the model and to calibrate its confidences, unless you give images for that as `validation`, or the items
 * have a column `split`: then those on its side `train` are learned from, those on `validation` are for that, and the
 * others are left alone. All images of a product are on the same side, and all that are byte-identical or made of the
 * same image; the shipped model was not trained on those held out either, where there are enough of them.
 *
 * @throws PipelineError `training.noLabels`, `training.tooFewLabels`, `training.leak` where images are trained on that
 * belong together with some of `validation`, `model.noEmbedding`, `model.notLayers`; those of
 * `loadModel`; the signal's reason once it is aborted.
 *
 * @example
 * const rows = [{ id: 15970, sleeve: 'short' }, { id: 39386, sleeve: 'long' }]; // … and hundreds more
 * const data = (row: { id: number }) => readFile(`images/${row.id}.jpg`);
 * const { labels, metric } = await trainHead(rows, { attribute: 'sleeve', data, out: 'out/sleeves' });
 * const sleeves = await loadModel('out/sleeves');
 */
export function trainHead<T extends Item>(items: readonly T[], options: HeadOptions<T>): Promise<TrainedHead> {
  return interruptible(options, startOver, (steps) => train(items, { ...options, ...steps }));
}

async function train<T extends Item>(items: readonly T[], options: HeadOptions<T>): Promise<TrainedHead> {
  const { attribute, out, model: source = shippedModel, s3, minImages = 5, seed = 1, signal, onProgress } = options;
  const started = performance.now();
  const all = labelledOf(items, attribute);
  const sides = options.validation ? undefined : givenSides(all);
  const labelled = sides?.training ?? all;
  const validation = options.validation ? labelledOf(options.validation, attribute) : sides?.validation;
  const backend = await useBackend(options.backend);
  const files = await readModelFiles(source, s3);
  if (isGraph(files.network)) {
    throw new PipelineError(
      'model.notLayers',
      `The model '${files.card.name}' is a graph, to which no head can be added. Use a model of Keras layers, ` +
        'such as the shipped one.',
      { value: source },
    );
  }
  const used = [...new Set([...labelled, ...(validation ?? [])])];
  const read = await readFeatures(used, fingerprintOf(files), { ...options, backend });
  const examplesOf = (some: readonly T[]) => some.flatMap((item) => read.get(item) ?? []);
  const base = files.trainedOn && readTrainedOn(files.trainedOn, source);
  const seen = ({ md5, origin = md5 }: Identity) => base?.has(md5) === true || base?.has(origin) === true;
  const { training, heldOut } = validation
    ? apart(examplesOf(labelled), examplesOf(validation))
    : divided(examplesOf(labelled), seen);
  const counts = new Map<string, number>();
  for (const { label } of training) counts.set(label, (counts.get(label) ?? 0) + 1);
  const labels = [...counts].flatMap(([label, count]) => (count >= minImages ? [label] : [])).sort();
  if (labels.length < 2) {
    const given = [...counts].slice(0, 5).map(([label, count]) => `${label} (${count})`);
    throw new PipelineError(
      'training.tooFewLabels',
      `'${attribute}' has ${labels.length} label(s) with ${minImages} images or more to train on: ` +
        `${given.join(', ')}. A model needs at least two labels; give more items, or lower \`minImages\`.`,
      { value: attribute },
    );
  }
  // TensorFlow.js takes most of a second to import, so it is imported once everything is checked.
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
    seen: trainedOnBytes(
      known.flatMap(({ md5, origin = md5 }) => [md5, origin]),
      files.trainedOn,
    ),
    seed,
    signal,
    onStep,
  });
  tracker.end();
  return {
    folder: out,
    labels,
    images: {
      trained: known.length,
      heldOut: heldOut.length,
      heldOutSeen: heldOut.filter(seen).length,
      unreadable: used.length - read.size,
      otherSides: sides?.others.length ?? 0,
    },
    leftOut: Object.fromEntries([...counts].filter(([label]) => !labels.includes(label))),
    metric,
    seconds: (performance.now() - started) / 1000,
  };
}

/** The items that have a label. @throws PipelineError `training.noLabels` where none has. */
function labelledOf<T extends Item>(items: readonly T[], attribute: string): T[] {
  const labelled = items.filter((item) => labelOf(item, attribute) !== undefined);
  if (labelled.length > 0) return labelled;
  const fields = [...new Set(items.slice(0, 1000).flatMap((item) => Object.keys(item)))];
  throw new PipelineError(
    'training.noLabels',
    `None of the ${items.length} items has a value for '${attribute}'.${didYouMean(attribute, fields)} ` +
      'Name the field of the labels, and give a value to each item to learn from.',
    { value: attribute },
  );
}
