import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { type AttributeEvaluation, evaluateAttribute } from '../evaluation.js';
import type { Metric } from '../files/card.js';
import { type ModelInput, normalise } from '../run/preprocess.js';
import type { Example, Head } from './examples.js';

const batchSize = 128;

/** The outputs of the model for the examples, each [examples, numbers]. */
export async function outputsOf(
  model: tf.LayersModel,
  examples: readonly Example[],
  input: ModelInput,
  { signal, onBatch }: { signal?: AbortSignal | undefined; onBatch?: (images: number) => void } = {},
): Promise<Float32Array[]> {
  const size = input.height * input.width * 3;
  const counts = model.outputs.map(({ shape }) => shape[1] ?? 0);
  const outputs = counts.map((count) => new Float32Array(examples.length * count));
  for (let from = 0; from < examples.length; from += batchSize) {
    signal?.throwIfAborted();
    const some = examples.slice(from, from + batchSize);
    const floats = new Float32Array(some.length * size);
    some.forEach(({ pixels }, i) => normalise(pixels, input, floats, i * size));
    tf.tidy(() => {
      const said = [model.predictOnBatch(tf.tensor4d(floats, [some.length, input.height, input.width, 3]))].flat();
      said.forEach((values, i) => outputs[i]?.set(values.dataSync<'float32'>(), from * (counts[i] ?? 0)));
    });
    onBatch?.(some.length);
    // A batch blocks the event loop; this lets Ctrl-C arrive between two batches.
    await setImmediate();
  }
  return outputs;
}

/** Measures the model on the examples, attribute by attribute. */
export async function measure(
  model: tf.LayersModel,
  examples: readonly Example[],
  heads: readonly Head[],
  input: ModelInput,
): Promise<Metric[]> {
  const scores = await outputsOf(model, examples, input);
  return heads.map(({ name, labels }, head) =>
    metricOf(
      evaluateAttribute(
        name,
        labels,
        examples.map(({ product }) => product[name]),
        scores[head] ?? new Float32Array(),
      ),
    ),
  );
}

/** The figures of an evaluation, to four digits. */
export function metricOf({
  attribute,
  accuracy,
  top5,
  macroF1,
  majority,
  calibrationError,
  images,
}: AttributeEvaluation): Metric {
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  return {
    attribute,
    accuracy: round(accuracy),
    top5: round(top5),
    macroF1: round(macroF1),
    majority: round(majority),
    calibrationError: round(calibrationError),
    images,
  };
}
