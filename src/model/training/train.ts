import * as tf from '@tensorflow/tfjs';
import type { CatalogueSource } from '../../catalogue/source.js';
import type { OnProgress } from '../../progress.js';
import { useBackend } from '../backend.js';
import type { Metric, ModelCard } from '../card.js';
import type { ModelInput } from '../preprocess.js';
import { removeCheckpoint } from './checkpoint.js';
import { evaluate } from './evaluate.js';
import { headsOf, readExamples, type Example } from './examples.js';
import { batchSize, fit, learningRate, weightDecay } from './fit.js';
import { toLayersModel } from './layers-model.js';
import { smoothing } from './loss.js';
import { createNetwork, variablesOf } from './network.js';
import { saveModel } from './save.js';

const input: ModelInput = { width: 60, height: 80, scale: 1 / 127.5, offset: -1 };

/** What is trained on, for how long, and who hears of it. */
export interface TrainOptions {
  source: CatalogueSource;
  /** Drawn products, mixed in so that the model knows them as well. */
  samples?: CatalogueSource | undefined;
  /** The folder that receives the model, and a checkpoint meanwhile. */
  out: string;
  /** How often each image is seen. Default 8. */
  epochs?: number;
  /** Takes only so many images of the source. Default all. */
  limit?: number | undefined;
  /** Decides the first weights, the order and the augmentation. Default 1. */
  seed?: number;
  /** Stops between two batches and saves a checkpoint, from which the same call goes on. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
  onEpoch?: (epoch: EpochReport) => void;
}

/** How the net does at the end of an epoch. */
export interface EpochReport {
  /** From 1. */
  epoch: number;
  /** The mean training loss over its batches. */
  loss: number;
  /** On the held-out images. */
  metrics: Metric[];
}

/**
 * Trains the attribute classifier on the tensorflow backend, writes it to `out` and gives its card. A tenth of the images is
 * held out (by a hash of their bytes) to measure it. Resumes from the checkpoint of an interrupted training of the
 * same images and settings.
 *
 * @throws PipelineError `model.backendUnavailable`, `training.noImages`, `training.tooFewLabels`.
 *
 * @example
 * const card = await train({ source: await folderSource('data'), out: 'out/model', epochs: 1 });
 * console.table(card.metrics);
 */
export async function train(options: TrainOptions): Promise<ModelCard> {
  const { source, samples, out, epochs = 8, limit, seed = 1, signal, onProgress, onEpoch } = options;
  await useBackend('tensorflow');
  const real = await readExamples(source, input, { limit, signal, onProgress });
  const drawn = samples === undefined ? [] : await readExamples(samples, input, { signal, onProgress });
  const examples = [...real, ...drawn].filter(({ part }) => part === 'train');
  const heads = headsOf(examples);

  const network = createNetwork(heads, seed);
  const model = () => toLayersModel(network, heads, input);
  const measure = (some: readonly Example[]): Metric[] => {
    const folded = model();
    const metrics = evaluate(
      folded,
      some.filter(({ part }) => part === 'validation'),
      heads,
      input,
    );
    folded.dispose();
    return metrics;
  };
  try {
    await fit(network, examples, heads, input, {
      epochs,
      seed,
      folder: out,
      signal,
      onProgress,
      onEpoch: (epoch, loss) => onEpoch?.({ epoch, loss, metrics: measure(real) }),
    });
    const card: ModelCard = {
      name: 'fashion-attributes',
      input,
      embedding: 'pool',
      attributes: heads.map(({ name, labels }) => ({ name, labels: [...labels] })),
      metrics: measure(real),
      sampleMetrics: measure(drawn),
      training: {
        images: real.filter(({ part }) => part === 'train').length,
        validationImages: real.filter(({ part }) => part === 'validation').length,
        samples: drawn.filter(({ part }) => part === 'train').length,
        epochs,
        seed,
        settings: {
          batchSize,
          optimizer: 'AdamW',
          learningRate,
          schedule: 'warm-up over a tenth, then cosine',
          weightDecay,
          labelSmoothing: smoothing,
          augmentation: 'mirrored, moved by up to 3 pixels',
        },
      },
    };
    const finished = model();
    await saveModel(out, finished, card);
    finished.dispose();
    await removeCheckpoint(out);
    return card;
  } finally {
    tf.dispose(variablesOf(network));
  }
}
