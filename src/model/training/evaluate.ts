import * as tf from '@tensorflow/tfjs';
import type { Metric } from '../card.js';
import { evaluateAttribute, type AttributeEvaluation } from '../evaluation.js';
import { normalise, type ModelInput } from '../preprocess.js';
import type { Example, Head } from './examples.js';

const batchSize = 128;

/** What the model says of the examples: per head the probabilities, [examples, labels]. */
export function scoresOf(model: tf.LayersModel, examples: readonly Example[], heads: readonly Head[], input: ModelInput): Float32Array[] {
  const size = input.height * input.width * 3;
  const scores = heads.map(({ labels }) => new Float32Array(examples.length * labels.length));
  for (let from = 0; from < examples.length; from += batchSize) {
    const some = examples.slice(from, from + batchSize);
    const floats = new Float32Array(some.length * size);
    some.forEach(({ pixels }, i) => normalise(pixels, input, floats, i * size));
    tf.tidy(() => {
      const outputs = [model.predictOnBatch(tf.tensor4d(floats, [some.length, input.height, input.width, 3]))].flat();
      outputs.forEach((output, head) => scores[head]?.set(output.dataSync<'float32'>(), from * (heads[head]?.labels.length ?? 0)));
    });
  }
  return scores;
}

/** How well the model does on the examples, attribute by attribute. */
export function measure(model: tf.LayersModel, examples: readonly Example[], heads: readonly Head[], input: ModelInput): Metric[] {
  const scores = scoresOf(model, examples, heads, input);
  return heads.map(({ name, labels }, head) =>
    metricOf(evaluateAttribute(name, labels, examples.map(({ product }) => product[name]), scores[head] ?? new Float32Array())),
  );
}

/** The figures of an evaluation, to four digits. */
export function metricOf({ attribute, accuracy, top5, macroF1, majority, calibrationError, images }: AttributeEvaluation): Metric {
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  return { attribute, accuracy: round(accuracy), top5: round(top5), macroF1: round(macroF1), majority: round(majority), calibrationError: round(calibrationError), images };
}
