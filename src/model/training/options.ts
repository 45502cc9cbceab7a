import type { CatalogueSource } from '../../catalogue/index.js';
import type { OnProgress } from '../../work/index.js';
import type { Metric } from '../files/card.js';
import type { Settings } from './settings.js';

/** What is trained on, for how long, and who hears of it. */
export interface TrainOptions {
  source: CatalogueSource;
  /** Drawn products, mixed in so that the model knows them as well. */
  samples?: CatalogueSource | undefined;
  /** The folder that receives the model, and a checkpoint meanwhile. */
  out: string;
  /** How often each image is seen. Default 24. */
  epochs?: number;
  /** Takes only so many images of the source. Default all. */
  limit?: number | undefined;
  /** Decides the first weights, the order and the augmentation. Default 1. */
  seed?: number;
  /** Stops between two batches and saves a checkpoint, from which the same call goes on. */
  signal?: AbortSignal;
  /** Other than the defaults. */
  settings?: Partial<Settings>;
  onProgress?: OnProgress;
  onEpoch?: (epoch: EpochReport) => void;
}

/** How the net does at the end of an epoch. */
export interface EpochReport extends FittedEpoch {
  /** On the held-out images. */
  metrics: Metric[];
}

/** An epoch done. */
export interface FittedEpoch {
  /** From 1. */
  epoch: number;
  /** The mean training loss over it, or over its rest where it was resumed. */
  loss: number;
  /** At its end. */
  learningRate: number;
  /** Without the measuring. */
  seconds: number;
}
