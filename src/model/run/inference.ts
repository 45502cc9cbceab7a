import * as tf from '@tensorflow/tfjs';
import { messageOf, PipelineError } from '../../work/index.js';
import type { ModelCard } from '../files/card.js';
import type { ModelFiles } from '../files/files.js';
import { compiled } from '../net/compiled.js';
import { type Net, openNet } from '../net/net.js';
import type { Backend } from './backend.js';
import { checkEmbedding, checkInput, checkOutputs, checkProbabilities, outputsOf } from './checks.js';
import { normalise, prepare } from './preprocess.js';

/** What a net says of a run of images. */
export interface Outputs {
  /** Each head's probabilities, [images, labels]. */
  heads: Float32Array[];
  /** [images, dimensions]; empty where the card names no embedding. */
  embeddings: Float32Array;
  /**
   * Why it says nothing of some of the images, by their place among them; heads and embeddings are those of the others.
   */
  unreadable?: ReadonlyMap<number, string>;
}

/** A net on a backend: images in, numbers out. */
export interface Inference {
  /** How many runs at a time it is worth to ask for. */
  readonly parallel: number;
  /** How many numbers an embedding has; undefined where the card names none. */
  readonly dimensions: number | undefined;
  /**
   * Gets an encoded image ready for a run.
   *
   * @throws PipelineError `image.unreadable`.
   */
  prepare(bytes: Uint8Array): Promise<Uint8Array>;
  /**
   * What the net says of such images. Each gets the same numbers, to the last bit, however many there are, up to
   * `size`.
   */
  run(images: readonly Uint8Array[], size: number): Promise<Outputs>;
  dispose(): void;
}

/**
 * Builds the net from its files on the current backend, checks that it fits its card, and warms it up.
 *
 * @throws PipelineError `model.weightsMismatch` where the weights do not fit the net; `model.inputMismatch`,
 * `model.outputsMismatch`,
 * `model.labelsMismatch`, `model.badEmbedding`, `model.notProbabilities` where the card does not; `model.fixedBatch`;
 * `model.unsupportedOp` and `model.cannotRun` where the backend does not run it.
 */
export async function openInference(files: ModelFiles, backend: Backend, source: string): Promise<Inference> {
  const { card } = files;
  const opened = await openNet(files, source);
  const net = backend === 'tensorflow' ? compiled(opened) : opened;
  try {
    const forward = forwardOf(net, card, source);
    const pixels = card.input.height * card.input.width * 3;
    // Used again: new memory for each batch costs some percent of the time, and 20 MB.
    const buffers: Float32Array[] = [];
    const run = async (images: readonly Uint8Array[], size: number): Promise<Outputs> => {
      if (images.length === 0) return { heads: [], embeddings: new Float32Array() };
      // libtensorflow cuts its work by the shape of the batch, which changes the order of sums.
      const count = backend === 'tensorflow' ? Math.max(images.length, size) : images.length;
      const used = buffers.pop();
      const floats = used?.length === count * pixels ? used : new Float32Array(count * pixels);
      images.forEach((image, i) => normalise(image, card.input, floats, i * pixels));
      floats.fill(0, images.length * pixels);
      // Another model may have switched to its own backend; back to a started one the switch happens at once.
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
    // The first run compiles and allocates; one of two images shows whether the net takes several.
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
 * From a batch of normalised images to the heads' probabilities and, last, the embeddings where the card names some.
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

/** The outputs of single images as those of a batch. */
const joined = (runs: readonly tf.Tensor[][]): tf.Tensor[] =>
  (runs[0] ?? []).map((_, output) => tf.concat(runs.flatMap((run) => run[output] ?? [])));

/** What to tell of a net that does not run. */
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
