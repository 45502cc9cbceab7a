import * as tf from '@tensorflow/tfjs';
import { applyTransforms, drawTransforms } from '../../augment/index.js';
import { type Random, randomInteger } from '../../work/index.js';
import { type ModelInput, normalise } from '../run/preprocess.js';
import type { Example } from './examples.js';
import type { Settings } from './settings.js';
import type { Task } from './tasks.js';

/** Images as the model takes them, and the outputs wanted for them. */
export interface Batch {
  /** [batch, height, width, 3] */
  images: tf.Tensor4D;
  /** The wanted probability of each label, task after task, [batch, labels of all tasks]; zeros for a blank. */
  targets: tf.Tensor2D;
}

/** Makes training batches: each image is augmented, and some are mixed with the next one. */
export function batchMaker(
  input: ModelInput,
  tasks: readonly Task[],
  { augmentation, labelSmoothing, cutmix, mixup }: Settings,
): (examples: readonly Example[], random: Random) => Promise<Batch> {
  const { width, height } = input;
  const size = width * height * 3;
  const columns = tasks.reduce((sum, { labels }) => sum + labels.length, 0);
  const indices = tasks.map(({ labels }) => new Map(labels.map((label, index) => [label, index])));

  /** Adds an example's labels, smoothed and times its share, to a row of the targets. */
  const addTargets = (row: Float32Array, { product }: Example, share: number): void => {
    let from = 0;
    tasks.forEach(({ labels, labelsOf }, task) => {
      const known = labelsOf(product).flatMap((label) => indices[task]?.get(label) ?? []);
      if (known.length > 0)
        for (let i = 0; i < labels.length; i++)
          row[from + i] = (row[from + i] ?? 0) + (share * labelSmoothing) / labels.length;
      for (const index of known)
        row[from + index] = (row[from + index] ?? 0) + (share * (1 - labelSmoothing)) / known.length;
      from += labels.length;
    });
  };

  return async (examples, random) => {
    const pixels = await Promise.all(
      examples.map(async (example) => {
        const image = { data: example.pixels, width, height };
        return (await applyTransforms(image, drawTransforms(augmentation, random, image))).data;
      }),
    );
    const floats = new Float32Array(examples.length * size);
    const targets = new Float32Array(examples.length * columns);
    examples.forEach((example, i) => {
      const other = (i + 1) % examples.length;
      const own = pixels[i] ?? new Uint8Array();
      const { data, share } = mixed(own, pixels[other] ?? own, input, { cutmix, mixup }, random);
      normalise(data, input, floats, i * size);
      const row = targets.subarray(i * columns, (i + 1) * columns);
      addTargets(row, example, share);
      if (share < 1) addTargets(row, examples[other] ?? example, 1 - share);
    });
    return {
      images: tf.tensor4d(floats, [examples.length, height, width, 3]),
      targets: tf.tensor2d(targets, [examples.length, columns]),
    };
  };
}

/** An image mixed with another one, and the share (from 0 to 1) that is its own. */
function mixed(
  own: Uint8Array,
  other: Uint8Array,
  { width, height }: ModelInput,
  { cutmix, mixup }: Pick<Settings, 'cutmix' | 'mixup'>,
  random: Random,
): { data: Uint8Array; share: number } {
  const kind = random();
  const share = random();
  if (kind < cutmix) {
    const cutWidth = Math.round(width * Math.sqrt(1 - share));
    const cutHeight = Math.round(height * Math.sqrt(1 - share));
    const left = randomInteger(random, 0, width - cutWidth);
    const top = randomInteger(random, 0, height - cutHeight);
    const data = Uint8Array.from(own);
    for (let y = top; y < top + cutHeight; y++) {
      const from = (y * width + left) * 3;
      data.set(other.subarray(from, from + cutWidth * 3), from);
    }
    return { data, share: 1 - (cutWidth * cutHeight) / (width * height) };
  }
  if (kind < cutmix + mixup)
    return { data: own.map((value, i) => value * share + (other[i] ?? 0) * (1 - share)), share };
  return { data: own, share: 1 };
}
