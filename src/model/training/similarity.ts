import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { type OnProgress, randomFrom, shuffled, Tracker } from '../../work/index.js';
import { Muon } from './optimizer.js';
import { learningRateAt } from './schedule.js';
import type { SimilaritySettings } from './settings.js';

/** A measure of how alike images are: the cosine of their keys. */
export interface Similarity {
  /** A key is the features times this matrix [features, dimensions] plus `offset`, normalised. */
  projection: tf.Tensor2D;
  /** [dimensions] */
  offset: tf.Tensor1D;
  /** An image's label is weighted by a softmax of `sharpness` times its score. */
  sharpness: number;
}

/** How learning is started, stopped and reported. */
export interface Learning {
  seed: number;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
}

/** In each step: how many images are predicted, */
const queries = 1024;
/** and among how many images their neighbours are searched. */
const candidates = 12_288;
const peakRate = 3e-3;
/** Among all images the neighbours are nearer than among a step's candidates, so a greater sharpness is better. */
const sharpening = 2;

/**
 * From this cosine on two images count as the same image, and the closer they are, the less the label of one counts for
 * the other. So a remembered image is not predicted by its own label, which may be wrong.
 */
export const sameFrom = 0.97;
/** How many times faster the score falls above `sameFrom` than it rises below. */
export const sameFall = 25;
/** Added to the variance of a key before it is normalised, so that the division stays finite. */
export const epsilon = 1e-6;

/**
 * Learns a metric by which the neighbours of an image have the same labels (neighbourhood components, Goldberger et al.
 * 2004).
 *
 * @param features [images, features]
 * @param labels for each attribute the labels, one-hot, [images, labels], zeros for a blank
 */
export async function learnSimilarity(
  features: tf.Tensor2D,
  labels: readonly tf.Tensor2D[],
  { dimensions, steps }: SimilaritySettings,
  { seed, signal, onProgress }: Learning,
): Promise<Similarity> {
  const [images, count] = features.shape;
  const asking = Math.min(queries, images);
  const [mean, factor] = tf.tidy((): [tf.Tensor1D, tf.Tensor1D] => {
    const { mean, variance } = tf.moments(features, 0);
    return [mean as tf.Tensor1D, tf.scalar(1 / Math.sqrt(count)).div(variance.sqrt().add(1e-3))];
  });
  const metric = tf.tidy(() =>
    tf.variable(tf.randomNormal<tf.Rank.R2>([count, dimensions], 0, 1 / Math.sqrt(dimensions), 'float32', seed)),
  );
  const logSharpness = tf.tidy(() => tf.variable(tf.scalar(Math.log(20))));
  const optimizer = new Muon(0);
  const tracker = new Tracker('memory', 'steps', steps, onProgress);
  try {
    for (let step = 0; step < steps; step++) {
      signal?.throwIfAborted();
      const indices = tf.tensor1d(
        shuffled([...Array(images).keys()], randomFrom(seed, 'memory', step)).slice(0, candidates),
        'int32',
      );
      const [some, ...known] = tf.tidy(() => [
        features.gather(indices).sub<tf.Tensor2D>(mean).mul<tf.Tensor2D>(factor),
        ...labels.map((all) => all.gather(indices)),
      ]) as [tf.Tensor2D, ...tf.Tensor2D[]];
      const loss = optimizer.step(learningRateAt(step, steps, peakRate), [metric, logSharpness], () => {
        const keys = normalised(some.matMul(metric));
        const cosines = keys.slice([0], [asking]).matMul(keys, false, true).div(dimensions);
        const weights: tf.Tensor2D = tf.softmax(score(cosines).mul(logSharpness.exp()));
        return tf.addN(known.map((all) => disagreement(weights, all, asking)));
      });
      tf.dispose([indices, some, ...known, loss]);
      tracker.tick();
      await setImmediate();
    }
    tracker.end();
    const [sharpness = 1] = await logSharpness.data();
    const [projection, offset] = tf.tidy((): [tf.Tensor2D, tf.Tensor1D] => {
      const folded = factor.expandDims(1).mul<tf.Tensor2D>(metric);
      return [folded, mean.expandDims<tf.Tensor2D>(0).matMul(folded).neg().reshape([dimensions])];
    });
    return { projection, offset, sharpness: sharpening * Math.exp(sharpness) };
  } finally {
    optimizer.dispose();
    tf.dispose([mean, factor, metric, logSharpness]);
  }
}

/** The normalised keys of images with these features, [images, dimensions]. */
export const keysOf = (features: tf.Tensor2D, { projection, offset }: Similarity): tf.Tensor2D =>
  normalised(features.matMul(projection).add(offset));

/** Normalises each row to mean 0 and length √dimensions. */
function normalised(keys: tf.Tensor): tf.Tensor2D {
  const { mean, variance } = tf.moments(keys, 1, true);
  return keys.sub(mean).div(variance.add(epsilon).sqrt());
}

/** The score of a cosine: the cosine itself, but less where the images are the same. */
const score = (cosines: tf.Tensor): tf.Tensor2D => cosines.sub(tf.relu(cosines.sub(sameFrom)).mul(sameFall));

/**
 * The mean cross-entropy between an attribute's labels and the labels of the candidates, weighted by `weights` [asking,
 * candidates]; blanks do not count.
 */
function disagreement(weights: tf.Tensor2D, labels: tf.Tensor2D, asking: number): tf.Scalar {
  const votes = weights.matMul(labels);
  const own = labels.slice([0], [asking]);
  const right = votes.mul(own).sum(1).add(1e-6).div(votes.sum(1).add(1e-6));
  return right.log().mul(own.sum(1)).sum().neg().div(own.sum().maximum(1));
}
