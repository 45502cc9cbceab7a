import { affine, coarseDropout, horizontalFlip, type Transform } from '../../augment/index.js';
import type { Attribute } from '../attributes.js';

/** How the net is trained. */
export interface Settings {
  /** Images a step. */
  batchSize: number;
  /** At its highest: up in a line over the first twentieth of the steps, then down to zero along a cosine. */
  learningRate: number;
  /** Of the kernels, apart from the gradient. */
  weightDecay: number;
  /** The share of the probability spread over all labels (Szegedy et al. 2016, https://arxiv.org/abs/1512.00567). */
  labelSmoothing: number;
  /**
   * The share of images into which a rectangle of another one is pasted, with its share of the labels (Yun et al. 2019,
   * https://arxiv.org/abs/1905.04899).
   */
  cutmix: number;
  /**
   * The share of images that are blended with another one, as their labels are (Zhang et al. 2018,
   * https://arxiv.org/abs/1710.09412).
   */
  mixup: number;
  /**
   * The share of the steps after which no image is mixed with another: the last ones are on images as they come (He et
   * al. 2019, https://arxiv.org/abs/1909.09148).
   */
  mixingUntil: number;
  /** How much the auxiliary tasks count; 0 for none. */
  auxiliaryWeight: number;
  /** The decay of the moving average of the weights, which is what is kept (Polyak and Juditsky 1992). */
  averaging: number;
  /** The kit's own transforms, drawn anew each time that an image is seen. */
  augmentation: readonly Transform[];
  /** What it remembers of the training images. */
  memory: MemorySettings;
}

/** How similarity of images is learnt. */
export interface SimilaritySettings {
  /** The numbers of a key. */
  dimensions: number;
  steps: number;
}

/** What is remembered, and how. */
export interface MemorySettings extends SimilaritySettings {
  /** Those that the images remembered tell; a byte for each image and label. */
  attributes: readonly Attribute[];
}

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
