import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { type OnProgress, randomFrom, shuffled, Tracker } from '../../work/index.js';
import type { ModelInput } from '../run/preprocess.js';
import { followAverage, forward, type Network, trainable } from './architecture.js';
import { batchMaker } from './batch.js';
import { restoreCheckpoint, saveCheckpoint } from './checkpoint.js';
import type { Example } from './examples.js';
import { lossOf } from './loss.js';
import { Muon } from './optimizer.js';
import type { FittedEpoch } from './options.js';
import { learningRateAt } from './schedule.js';
import type { Settings } from './settings.js';
import type { Task } from './tasks.js';

/** How a net is fitted to the examples. */
export interface FitOptions {
  settings: Settings;
  epochs: number;
  /** Decides the order of the examples and their augmentation. */
  seed: number;
  /** The folder of the checkpoint. */
  folder: string;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
  /** Called at the end of an epoch, before the next one begins. */
  onEpoch: (epoch: FittedEpoch) => Promise<void>;
}

/**
 * Fits the net to the examples, batch by batch, and lets `average` follow the net. Saves a checkpoint after every epoch
 * and when the signal aborts; the same call resumes from it, also in the middle of an epoch.
 */
export async function fitNet(
  network: Network,
  average: Network,
  examples: readonly Example[],
  tasks: readonly Task[],
  input: ModelInput,
  options: FitOptions,
): Promise<void> {
  const { settings, epochs, seed, folder, signal, onProgress, onEpoch } = options;
  const { batchSize, averaging } = settings;
  const optimizer = new Muon(settings.weightDecay);
  const makeMixed = batchMaker(input, tasks, settings);
  const makePlain = batchMaker(input, tasks, { ...settings, cutmix: 0, mixup: 0 });
  const batches = Math.ceil(examples.length / batchSize);
  const training = JSON.stringify({
    examples: examples.map(({ product }) => product.id),
    tasks,
    settings,
    epochs,
    seed,
  });
  const checkpoint = { folder, training, networks: [network, average], optimizer };
  try {
    let step = await restoreCheckpoint(checkpoint);
    while (step < epochs * batches) {
      const epoch = Math.floor(step / batches);
      const order = shuffled(examples, randomFrom(seed, 'order', epoch)).slice((step % batches) * batchSize);
      const tracker = new Tracker(`epoch ${epoch + 1}/${epochs}`, 'images', order.length, onProgress);
      let loss = 0;
      let rate = 0;
      for (let at = 0; at < order.length; at += batchSize) {
        if (signal?.aborted) {
          await saveCheckpoint(checkpoint, step);
          throw signal.reason;
        }
        const some = order.slice(at, at + batchSize);
        rate = learningRateAt(step, epochs * batches, settings.learningRate);
        const makeBatch = step < settings.mixingUntil * epochs * batches ? makeMixed : makePlain;
        const { images, targets } = await makeBatch(some, randomFrom(seed, 'augment', step));
        // A plain mean of the first hundred batches, a moving average afterwards.
        const follow = Math.max(0.01, 1 / (step + 1));
        const value = optimizer.step(rate, trainable(network), () =>
          lossOf(forward(network, images, follow), targets, tasks),
        );
        followAverage(average, network, Math.max(1 - averaging, 9 / (step + 10)));
        loss += some.length * ((await value.data())[0] ?? NaN);
        tf.dispose([value, images, targets]);
        step++;
        tracker.tick(some.length);
        // A step blocks the event loop; this lets Ctrl-C arrive between two steps.
        await setImmediate();
      }
      tracker.end();
      await onEpoch({ epoch: epoch + 1, loss: loss / order.length, learningRate: rate, seconds: tracker.seconds });
      await saveCheckpoint(checkpoint, step);
    }
  } finally {
    optimizer.dispose();
  }
}
