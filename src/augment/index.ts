export type { Size } from '../image/index.js';
export { type AffineOptions, affine, type RotateOptions, rotate } from './affine.js';
export { type Augmented, type AugmentOptions, augmentImage, replay } from './augment.js';
export { type GaussianBlurOptions, gaussianBlur } from './blur.js';
export { checkTransforms } from './check.js';
export {
  type BrightnessContrastOptions,
  brightnessContrast,
  type HueSaturationOptions,
  hueSaturation,
  toGray,
} from './colour.js';
export { compose, oneOf, someOf } from './compose.js';
export { centerCrop, randomCrop } from './crop.js';
export { applyTransforms, drawTransforms } from './draw.js';
export { type CoarseDropoutOptions, coarseDropout } from './dropout.js';
export { horizontalFlip, verticalFlip } from './flip.js';
export { type JpegCompressionOptions, jpegCompression } from './jpeg.js';
export { type GaussianNoiseOptions, gaussianNoise } from './noise.js';
export type { Chance, Fill, Range } from './options.js';
export { type PadOptions, pad } from './pad.js';
export { transformNames } from './registry.js';
export { type Kernel, type ResizeOptions, resize, resizeImage } from './resize.js';
export type { Applied, Transform } from './transform.js';
