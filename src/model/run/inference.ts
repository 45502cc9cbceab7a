import * as tf from '@tensorflow/tfjs';
import { messageOf, PipelineError } from '../../work/index.js';
import type { ModelCard } from '../files/card.js';
import type { ModelFiles } from '../files/files.js';
import { compiled } from '../net/compiled.js';
import { type Net, openNet } from '../net/net.js';
import type { Backend } from './backend.js';
import { checkEmbedding, checkInput, checkOutputs, checkProbabilities, outputsOf } from './checks.js';
import { normalise, prepare } from './preprocess.js';

/** The outputs of a net for a batch of images. */
export interface Outputs {
  /** For each attribute the probabilities, [images, labels]. */
  heads: Float32Array[];
  /** [images, dimensions]; empty if the card names no embedding. */
  embeddings: Float32Array;
  /** For images that could not be read, the reason by their index; they have no row in `heads` and `embeddings`. */
  unreadable?: ReadonlyMap<number, string>;
}

/** A net on a backend: images in, numbers out. */
export interface Inference {
  /** How many runs at a time make it fastest. */
  readonly parallel: number;
  /** How many numbers an embedding has; undefined if the card names no embedding. */
  readonly dimensions: number | undefined;
  /**
   * Prepares an encoded image for `run`.
   *
   * @throws PipelineError `image.unreadable`.
   */
  prepare(bytes: Uint8Array): Promise<Uint8Array>;
  /**
   * Runs the net on prepared images. An image gets the same numbers, to the last bit, however many images there are, up
   * to `size`.
   */
  run(images: readonly Uint8Array[], size: number): Promise<Outputs>;
  dispose(): void;
}

/**
 * Builds the net from its files on the current backend, checks that it fits its card, and warms it up.
 *
 * @throws PipelineError `model.weightsMismatch` if the weights do not fit the net; `model.inputMismatch`,
 * `model.outputsMismatch`, `model.labelsMismatch`, `model.badEmbedding`, `model.notProbabilities` if the card does not;
 * `model.fixedBatch`; `model.unsupportedOp` and `model.cannotRun` if the backend cannot run it.
 */
export async function openInference(files: ModelFiles, backend: Backend, source: string): Promise<Inference> {
  const { card } = files;
  const opened = await openNet(files, source);
  const net = backend === 'tensorflow' ? compiled(opened) : opened;
  try {
    const forward = forwardOf(net, card, source);
    const pixels = card.input.height * card.input.width * 3;
    // Reused, since new memory for each batch costs some percent of the time, and 20 MB.
    const buffers: Float32Array[] = [];
    const run = async (images: readonly Uint8Array[], size: number): Promise<Outputs> => {
      if (images.length === 0) return { heads: [], embeddings: new Float32Array() };
      // libtensorflow divides its work by the shape of the batch, which changes the order of sums and so the last bits.
      const count = backend === 'tensorflow' ? Math.max(images.length, size) : images.length;
      const used = buffers.pop();
      const floats = used?.length === count * pixels ? used : new Float32Array(count * pixels);
      images.forEach((image, i) => normalise(image, card.input, floats, i * pixels));
      floats.fill(0, images.length * pixels);
      // Another model may have switched to its own backend; switching back to one that is started is immediate.
      if (tf.getBackend() !== backend) void tf.setBackend(backend);
      const outputs = forward(floats, count);
      try {
        const values = await Promise.all(outputs.map((output) => output.data<'float32'>()));
        const heads = values.slice(0, card.attributes.length);
        return { heads, embeddings: values[heads.length] ?? new Float32Array() };
      } finally {
        tf.dispose(outputs);
        buffers.push(floats);
      }
    };
    // The first run compiles and allocates. Two images show whether the net takes several at a time.
    const blank = new Uint8Array(pixels);
    const { heads, embeddings } = await run([blank, blank], 2).catch((cause: unknown) => {
      throw cause instanceof PipelineError ? cause : cannotRun(cause, backend, source);
    });
    checkProbabilities(heads, card, source);
    return {
      parallel: 1,
      dimensions: card.embedding === undefined ? undefined : embeddings.length / 2,
      prepare: (bytes) => prepare(bytes, card.input),
      run,
      dispose: () => net.dispose(),
    };
  } catch (error) {
    net.dispose();
    throw error;
  }
}

/**
 * Returns a function from a batch of normalised images to the probabilities of each attribute and, last, the embeddings
 * if the card names any.
 */
function forwardOf(net: Net, card: ModelCard, source: string): (images: Float32Array, count: number) => tf.Tensor[] {
  const { attributes, input, embedding, activation } = card;
  const single = checkInput(net.inputs, card, source);
  checkEmbedding(net.parts, card, source);
  const runNet = net.runner(outputsOf(net.outputs, card, source), embedding);
  const forward = (images: Float32Array, count: number) => {
    const rows = tf.tensor4d(images, [count, input.height, input.width, 3]);
    const batch = input.layout === 'nchw' ? tf.transpose(rows, [0, 3, 1, 2]) : rows;
    const outputs = single ? joined(tf.split(batch, count).map(runNet)) : runNet(batch);
    checkOutputs(outputs, count, card, source);
    return outputs.map((output, i) => {
      const labels = attributes[i]?.labels;
      if (labels === undefined)
        return output.rank === 4 ? tf.mean(output, input.layout === 'nchw' ? [2, 3] : [1, 2]) : output;
      const scores = tf.reshape(output, [count, labels.length]);
      return activation === 'softmax' ? tf.softmax(scores) : scores;
    });
  };
  return (images, count) => tf.tidy(() => forward(images, count));
}

/** Joins the outputs of single images into those of a batch. */
const joined = (runs: readonly tf.Tensor[][]): tf.Tensor[] =>
  (runs[0] ?? []).map((_, output) => tf.concat(runs.flatMap((run) => run[output] ?? [])));

/** The error for a net that does not run. */
function cannotRun(cause: unknown, backend: Backend, source: string): PipelineError {
  const reason = messageOf(cause);
  const operation = /(?:Unknown op|Kernel|registered kernel|dynamic op) '([^']+)'/.exec(reason)?.[1];
  const elsewhere =
    backend === 'wasm'
      ? 'Run it on the tensorflow backend (`zx scripts/tfjs-node.mjs` builds it), or convert'
      : 'Convert';
  if (operation === undefined)
    return new PipelineError(
      'model.cannotRun',
      `The net of the model at '${source}' does not run on the ${backend} backend: ${reason}. ${elsewhere} ` +
        'the model again.',
      { value: source, cause },
    );
  const remedy = `${/kernel/i.test(reason) ? elsewhere : 'Convert'} the model without it.`;
  return new PipelineError(
    'model.unsupportedOp',
    `The net of the model at '${source}' has the operation ${operation}, which the ${backend} backend does ` +
      `not run. ${remedy}`,
    { value: operation, cause },
  );
}
