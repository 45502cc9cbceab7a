import * as tf from '@tensorflow/tfjs';
import { messageOf, PipelineError } from '../../work/index.js';
import type { ModelFiles } from '../files/files.js';
import type { ModelAttribute } from '../model.js';
import { compiled } from '../net/compiled.js';
import { openNet } from '../net/net.js';
import { checkProbabilities, scoresAt } from './answers.js';
import type { Backend } from './backend.js';
import { checkInput } from './checks.js';
import { forwardOf } from './forward.js';
import { channelsOf, normalise, prepare } from './preprocess.js';

/** The outputs of a net for a batch of images. */
export interface Outputs {
  /** For each attribute the probabilities, [images, labels]. */
  heads: Float32Array[];
  /** [images, dimensions]; empty if the card names no embedding. */
  embeddings: Float32Array;
  /** For images that could not be read, the reason by their index; they have no row in `heads` and `embeddings`. */
  unreadable?: ReadonlyMap<number, string>;
}

/** What is known of a net once it has run. */
export interface NetFacts {
  /** How many numbers an embedding has; undefined if the card names no embedding. */
  readonly dimensions: number | undefined;
  /** The card's attributes as the net answers them. */
  readonly attributes: readonly ModelAttribute[];
}

/** A net on a backend: images in, numbers out. */
export interface Inference extends NetFacts {
  /** How many runs at a time make it fastest. */
  readonly parallel: number;
  /**
   * Prepares an encoded image for `run`.
   *
   * @throws PipelineError `image.unreadable`, `image.tooLarge`.
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
 * `model.outputsMismatch`, `model.labelsMismatch`, `model.activationMismatch`, `model.badEmbedding`,
 * `model.notProbabilities` if the card does not; `model.unsupportedLayer`; `model.fixedBatch`;
 * `model.unsupportedOp` and `model.cannotRun` if the backend cannot run it.
 */
export async function openInference(files: ModelFiles, backend: Backend, source: string): Promise<Inference> {
  const { card } = files;
  const opened = await openNet(files, source);
  const net = backend === 'tensorflow' ? compiled(opened) : opened;
  try {
    const takes = checkInput(net.inputs, card, source);
    const { input } = takes;
    const { forward, answered } = forwardOf(net, takes, card, source);
    const pixels = input.height * input.width * channelsOf(input);
    // Reused, since new memory for each batch costs some percent of the time, and 20 MB.
    const buffers: Float32Array[] = [];
    const run = async (images: readonly Uint8Array[], size: number): Promise<Outputs> => {
      if (images.length === 0) return { heads: [], embeddings: new Float32Array() };
      // libtensorflow divides its work by the shape of the batch, which changes the order of sums and so the last bits.
      const count = backend === 'tensorflow' ? Math.max(images.length, size) : images.length;
      const used = buffers.pop();
      const floats = used?.length === count * pixels ? used : new Float32Array(count * pixels);
      images.forEach((image, i) => normalise(image, input, floats, i * pixels));
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
    // The first run compiles and allocates. Two images show whether the net takes several at a time; one of them is
    // noise, since the numbers that a net returns for a blank one may be probabilities by chance.
    const noise = Uint8Array.from({ length: pixels }, (_, i) => (i * i * 7919) % 251);
    const outputs = await run([new Uint8Array(pixels), noise], 2).catch((cause: unknown) => {
      throw cause instanceof PipelineError ? cause : cannotRun(cause, backend, source);
    });
    const attributes = answered();
    checkProbabilities(scoresAt(outputs.heads, attributes, 1), attributes, card, source);
    return {
      parallel: 1,
      dimensions: card.embedding === undefined ? undefined : outputs.embeddings.length / 2,
      attributes,
      prepare: (bytes) => prepare(bytes, input),
      run,
      dispose: () => net.dispose(),
    };
  } catch (error) {
    net.dispose();
    throw error;
  }
}

/** The error for a net that does not run. */
function cannotRun(cause: unknown, backend: Backend, source: string): PipelineError {
  const reason = (messageOf(cause).split('\n')[0] ?? '').replace(/(?<![.\s])[.\s]+$/, '');
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
