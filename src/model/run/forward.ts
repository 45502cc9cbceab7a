import * as tf from '@tensorflow/tfjs';
import type { ModelCard } from '../files/card.js';
import type { ModelAttribute } from '../model.js';
import type { Net } from '../net/net.js';
import { activationFor, isMultiple, probabilitiesOf } from './activation.js';
import { checkEmbedding, checkOutputs, type NetInput, outputsOf } from './checks.js';
import { channelsOf } from './preprocess.js';

/** A function from a batch of normalised images to what the net makes of them. */
interface Forward {
  /** The probabilities of each attribute and, last, the embeddings if the card names any. */
  forward(images: Float32Array, count: number): tf.Tensor[];
  /** The attributes as the last batch answered them. */
  answered(): ModelAttribute[];
}

/**
 * Checks that a net's outputs fit its card, and joins them with it.
 *
 * @throws PipelineError `model.outputsMismatch`, `model.activationMismatch`, `model.badEmbedding`; on the first batch
 * `model.labelsMismatch` and others.
 */
export function forwardOf(net: Net, { input, single, image }: NetInput, card: ModelCard, source: string): Forward {
  const { attributes, embedding } = card;
  checkEmbedding(net.parts, card, source);
  const names = outputsOf(net.outputs, card, source);
  const activations = attributes.map((attribute, i) =>
    activationFor(attribute, card, net.ending(names[i] ?? ''), source),
  );
  const runNet = net.runner(names, embedding);
  let numbers: number[] = [];
  const forward = (images: Float32Array, count: number) => {
    const rows = tf.tensor4d(images, [count, input.height, input.width, channelsOf(input)]);
    const batch = input.layout === 'nchw' ? tf.transpose(rows, [0, 3, 1, 2]) : tf.reshape(rows, [count, ...image]);
    const outputs = single ? joined(tf.split(batch, count).map(runNet)) : runNet(batch);
    checkOutputs(outputs, count, card, source);
    numbers = outputs.map(({ size }) => size / count);
    return outputs.map((output, i) => {
      const activation = activations[i];
      if (activation !== undefined) return probabilitiesOf(output, count, activation, source);
      return output.rank === 4 ? tf.mean(output, input.layout === 'nchw' ? [2, 3] : [1, 2]) : output;
    });
  };
  return {
    forward: (images, count) => tf.tidy(() => forward(images, count)),
    answered: () =>
      activations.map((activation, i) => ({
        name: activation.attribute.name,
        labels: activation.attribute.labels,
        ...(isMultiple(activation, numbers[i] ?? 0) && { multiple: true }),
      })),
  };
}

/** Joins the outputs of single images into those of a batch. */
const joined = (runs: readonly tf.Tensor[][]): tf.Tensor[] =>
  (runs[0] ?? []).map((_, output) => tf.concat(runs.flatMap((run) => run[output] ?? [])));
