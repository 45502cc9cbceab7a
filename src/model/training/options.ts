import type { CatalogueSource } from '../../catalogue/index.js';
import type { OnProgress } from '../../work/index.js';
import type { Metric } from '../files/card.js';
import type { Settings } from './settings.js';

/** What the model is trained on, and how. */
export interface TrainOptions {
  /** The catalogue with the images and labels. */
  source: CatalogueSource;
  /** Drawn products to mix in, so that the model knows them as well. */
  samples?: CatalogueSource | undefined;
  /** The folder that the model is written to, and a checkpoint meanwhile. */
  out: string;
  /** How often each image is seen; default 24. */
  epochs?: number;
  /** At most so many images of the source are used; default all. */
  limit?: number | undefined;
  /** Decides the first weights, the order and the augmentation; default 1. */
  seed?: number;
  /** Stops between two batches and saves a checkpoint, from which the same call resumes. */
  signal?: AbortSignal;
  /** Settings that differ from the defaults. */
  settings?: Partial<Settings>;
  onProgress?: OnProgress;
  /** Called at the end of each epoch. */
  onEpoch?: (epoch: EpochReport) => void;
}

/** The figures at the end of an epoch. */
export interface EpochReport extends FittedEpoch {
  /** Measured on the held-out images. */
  metrics: Metric[];
}

/** A finished epoch. */
export interface FittedEpoch {
  /** Its number, from 1. */
  epoch: number;
  /** The mean training loss over the epoch, or over its rest if it was resumed. */
  loss: number;
  /** The learning rate at its end. */
  learningRate: number;
  /** How long it took, without measuring. */
  seconds: number;
}
