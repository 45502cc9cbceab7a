import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { Tracker, type OnProgress } from '../../progress.js';
import { randomFrom, shuffled } from '../../random.js';
import type { ModelInput } from '../preprocess.js';
import { batchMaker, type Batch } from './batch.js';
import { restoreCheckpoint, saveCheckpoint } from './checkpoint.js';
import type { Example, Head } from './examples.js';
import { lossOf } from './loss.js';
import { forward, trainable, type Network } from './network.js';
import { AdamW, learningRateAt } from './optimizer.js';

export const batchSize = 64;
export const learningRate = 2e-3;
export const weightDecay = 0.02;

/** How a net is fitted to the examples. */
export interface FitOptions {
  epochs: number;
  /** Decides the order of the examples and their augmentation. */
  seed: number;
  /** The folder of the checkpoint. */
  folder: string;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
  /** Called with the epoch, from 1, and the mean loss over it. */
  onEpoch: (epoch: number, loss: number) => void;
}

/**
 * Fits the net to the examples, batch by batch. A checkpoint is saved after every epoch and when the signal aborts; the
 * same call resumes from it, in the middle of an epoch too.
 */
export async function fit(
  network: Network,
  examples: readonly Example[],
  heads: readonly Head[],
  input: ModelInput,
  options: FitOptions,
): Promise<void> {
  const { epochs, seed, folder, signal, onProgress, onEpoch } = options;
  const optimizer = new AdamW(weightDecay);
  const makeBatch = batchMaker(input, heads);
  const batches = Math.ceil(examples.length / batchSize);
  const training = JSON.stringify({ examples: examples.map(({ product }) => product.id), heads, epochs, seed });
  try {
    let step = await restoreCheckpoint(folder, training, network, optimizer);
    while (step < epochs * batches) {
      const epoch = Math.floor(step / batches);
      const order = shuffled(examples, randomFrom(seed, 'order', epoch)).slice((step % batches) * batchSize);
      const tracker = new Tracker(`epoch ${epoch + 1}/${epochs}`, 'images', order.length, onProgress);
      let loss = 0;
      for (let at = 0; at < order.length; at += batchSize) {
        if (signal?.aborted) {
          await saveCheckpoint(folder, training, step, network, optimizer);
          throw signal.reason;
        }
        const some = order.slice(at, at + batchSize);
        const rate = learningRateAt(step, epochs * batches, learningRate);
        loss +=
          some.length *
          (await trainStep(network, heads, optimizer, makeBatch(some, randomFrom(seed, 'augment', step)), rate, step));
        step++;
        tracker.tick(some.length);
        // A step blocks; between two of them Ctrl-C is heard.
        await setImmediate();
      }
      tracker.end();
      await saveCheckpoint(folder, training, step, network, optimizer);
      onEpoch(epoch + 1, loss / order.length);
    }
  } finally {
    optimizer.dispose();
  }
}

async function trainStep(
  network: Network,
  heads: readonly Head[],
  optimizer: AdamW,
  batch: Batch,
  rate: number,
  step: number,
): Promise<number> {
  // The first batches count as in a plain mean, later ones fade.
  const follow = Math.max(0.01, 1 / (step + 1));
  const loss = optimizer.step(rate, trainable(network), () =>
    lossOf(forward(network, batch.images, follow), batch.targets, heads),
  );
  const [value = NaN] = await loss.data();
  tf.dispose([loss, batch.images]);
  return value;
}
