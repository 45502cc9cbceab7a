import * as tf from '@tensorflow/tfjs';
import { PipelineError, messageOf } from '../errors.js';
import type { Backend } from './backend.js';
import type { ModelCard } from './card.js';
import type { ModelFiles } from './files.js';

/** What a net says of a run of images. */
export interface Outputs {
  /** Each head's probabilities, [images, labels]. */
  heads: Float32Array[];
  /** [images, dimensions]; empty where the card names no embedding. */
  embeddings: Float32Array;
}

/** A net on a backend: numbers in, numbers out. */
export interface Inference {
  /** Whether an image gets the same numbers, to the last bit, whatever the count of images in its run. */
  readonly steady: boolean;
  /** How many numbers an embedding has; undefined where the card names none. */
  readonly dimensions: number | undefined;
  /** From `count` images, normalised, to what the net says of them. */
  run(images: Float32Array, count: number): Promise<Outputs>;
  dispose(): void;
}

/**
 * Builds the net from its files on the current backend, checks that it fits its card, and warms it up.
 *
 * @throws PipelineError `model.weightsMismatch` where the weights do not fit the net, `model.labelsMismatch` where the card's
 * labels do not fit its outputs.
 */
export async function openInference(
  { network, weights, card }: ModelFiles,
  backend: Backend,
  source: string,
): Promise<Inference> {
  const { width, height } = card.input;
  const model = await tf
    .loadLayersModel(
      tf.io.fromMemory({
        modelTopology: network.modelTopology,
        weightSpecs: network.weightsManifest[0].weights,
        weightData: Uint8Array.from(weights).buffer,
      }),
    )
    .catch((cause: unknown) => {
      throw new PipelineError(
        'model.weightsMismatch',
        `The weights of the model at '${source}' do not fit its net: ${messageOf(cause)}. Copy or train the model again.`,
        { value: source, cause },
      );
    });
  const embedding = embeddingOf(model, card, source);
  const net = embedding === undefined ? model : tf.model({ inputs: model.inputs, outputs: [...model.outputs, embedding] });
  const inference: Inference = {
    // libtensorflow cuts its work by the shape of the batch, which changes the order of sums.
    steady: backend !== 'tensorflow',
    dimensions: embedding?.shape[1] ?? undefined,
    async run(images, count) {
      // Another model may have switched to its own backend; back to a started one the switch happens at once.
      if (tf.getBackend() !== backend) void tf.setBackend(backend);
      const outputs = tf.tidy(() => {
        const given = net.predictOnBatch(tf.tensor4d(images, [count, height, width, 3]));
        return Array.isArray(given) ? given : [given];
      });
      try {
        const values = await Promise.all(outputs.map((output) => output.data<'float32'>()));
        const heads = values.slice(0, card.attributes.length);
        return { heads, embeddings: values[heads.length] ?? new Float32Array() };
      } finally {
        tf.dispose(outputs);
      }
    },
    dispose: () => void model.dispose(),
  };
  try {
    checkShapes(model, card, source);
    // The first run compiles and allocates.
    await inference.run(new Float32Array(height * width * 3), 1);
  } catch (error) {
    inference.dispose();
    throw error;
  }
  return inference;
}

/** The output of the layer that the card names as the embedding. */
function embeddingOf(model: tf.LayersModel, { embedding }: ModelCard, source: string): tf.SymbolicTensor | undefined {
  if (embedding === undefined) return undefined;
  const output = model.layers.find(({ name }) => name === embedding)?.output;
  if (output instanceof tf.SymbolicTensor && output.shape.length === 2) return output;
  throw new PipelineError(
    'model.badEmbedding',
    `The card of the model at '${source}' names '${embedding}' as the embedding, but the net has no layer of that name that gives one vector an image. Name another in pipeline.json, or none.`,
    { value: embedding },
  );
}

function checkShapes(model: tf.LayersModel, { input, attributes }: ModelCard, source: string): void {
  const shape = (tensor: tf.SymbolicTensor | undefined) => tensor?.shape.slice(1).join('x') ?? 'nothing';
  const wanted = [`${input.height}x${input.width}x3`, ...attributes.map(({ labels }) => `${labels.length}`)];
  const given = [shape(model.inputs[0]), ...model.outputs.map(shape)];
  if (wanted.join() !== given.join()) {
    throw new PipelineError(
      'model.labelsMismatch',
      `The card of the model at '${source}' does not fit its net: the card has input and labels ${wanted.join(', ')}, the net ${given.join(', ')}. Copy or train the model again.`,
      { value: source },
    );
  }
}
