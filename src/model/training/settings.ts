import { affine, coarseDropout, horizontalFlip, type Transform } from '../../augment/index.js';
import type { Attribute } from '../attributes.js';

/** How the net is trained. */
export interface Settings {
  /** Images in a step. */
  batchSize: number;
  /** The highest learning rate; see `learningRateAt`. */
  learningRate: number;
  /** The decay of the kernels, decoupled from the gradient. */
  weightDecay: number;
  /** The share of the probability spread over all labels (Szegedy et al. 2016, https://arxiv.org/abs/1512.00567). */
  labelSmoothing: number;
  /**
   * The share of images into which a rectangle of another image is pasted, and its labels by the rectangle's share (Yun
   * et al. 2019, https://arxiv.org/abs/1905.04899).
   */
  cutmix: number;
  /**
   * The share of images that are blended with another image, and their labels alike (Zhang et al. 2018,
   * https://arxiv.org/abs/1710.09412).
   */
  mixup: number;
  /**
   * The share of the steps, from 0 to 1, after which images are no longer mixed (He et al. 2019,
   * https://arxiv.org/abs/1909.09148).
   */
  mixingUntil: number;
  /** The weight of the auxiliary tasks in the loss; 0 for none. */
  auxiliaryWeight: number;
  /** The decay of the moving average of the weights, which is the model that is saved (Polyak and Juditsky 1992). */
  averaging: number;
  /** Transforms of the kit, drawn each time an image is seen. */
  augmentation: readonly Transform[];
  /** The memory of the training images. */
  memory: MemorySettings;
}

/** How the similarity of images is learnt. */
export interface SimilaritySettings {
  /** How many numbers a key has. */
  dimensions: number;
  /** How many steps the learning takes. */
  steps: number;
}

/** What the model remembers of the training images. */
export interface MemorySettings extends SimilaritySettings {
  /** The attributes that the remembered images help to predict; each costs a byte for each image and label. */
  attributes: readonly Attribute[];
}

/** The settings of the model that ships with the kit. */
export const defaultSettings: Settings = {
  batchSize: 256,
  learningRate: 5e-3,
  weightDecay: 0.05,
  labelSmoothing: 0.05,
  cutmix: 0.15,
  mixup: 0.15,
  mixingUntil: 0.8,
  auxiliaryWeight: 0.3,
  averaging: 0.996,
  augmentation: [
    horizontalFlip({ p: 0.5 }),
    affine({ scale: [0.9, 1.15], translate: 0.05, rotate: 7, p: 0.9 }),
    coarseDropout({ holes: 1, width: [0.15, 0.4], height: [0.15, 0.4], fill: 255, p: 0.25 }),
  ],
  memory: { attributes: ['gender', 'season', 'usage'], dimensions: 72, steps: 300 },
};
