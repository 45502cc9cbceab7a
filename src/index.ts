import './notebook/cells.js';

export {
  type AffineOptions,
  type Applied,
  type Augmented,
  type AugmentOptions,
  type BrightnessContrastOptions,
  type CoarseDropoutOptions,
  type GaussianBlurOptions,
  type GaussianNoiseOptions,
  type HueSaturationOptions,
  type JpegCompressionOptions,
  type PadOptions,
  type ResizeOptions,
  type RotateOptions,
  type Transform,
  affine,
  augmentImage,
  brightnessContrast,
  centerCrop,
  coarseDropout,
  compose,
  gaussianBlur,
  gaussianNoise,
  horizontalFlip,
  hueSaturation,
  jpegCompression,
  oneOf,
  pad,
  randomCrop,
  replay,
  resize,
  rotate,
  someOf,
  toGray,
  verticalFlip,
} from './augment/index.js';
export { type Aws, type AwsClient, type AwsOptions, clients, sdkClient } from './aws.js';
export {
  Catalogue,
  type CatalogueSource,
  type Condition,
  type Field,
  type FolderOptions,
  type Plan,
  type Product,
  type ProductOf,
  type Products,
  type Schema,
  type SeedOptions,
  type SeedSummary,
  type Test,
  defineSchema,
  fieldNames,
  folderSource,
  seedCatalogue,
} from './catalogue/index.js';
export { type ConnectOptions, type Connection, connect } from './connect.js';
export {
  type DuplicateGroup,
  type Embedded,
  type Evaluation,
  type Filled,
  type Scored,
  type Similar,
  type Suspect,
  evaluate,
  fillBlanks,
  nearDuplicates,
  score,
  similar,
  suspectLabels,
} from './curation/index.js';
export { type Dataset, type Manifest, type Picture, type Row, openDataset } from './dataset/index.js';
export { PipelineError } from './errors.js';
export type { Failure } from './failures.js';
export { type DecodeOptions, decodeImage, encodeJpeg } from './image.js';
export type { RawImage, Region } from './raw-image.js';
export {
  type AttributeEvaluation,
  type Item,
  type Model,
  type Prediction,
  type HeadOptions,
  type TrainedHead,
  attributes,
  loadModel,
  trainHead,
} from './model/index.js';
export { contactSheet, evaluationReport, show } from './notebook/index.js';
export {
  type Augmentation,
  type DeadLetter,
  type Job,
  type JobProgress,
  Pipeline,
  type Query,
  type Report,
  type Run,
  type RunOptions,
  queries,
  queryOf,
} from './pipeline/index.js';
export { type OnProgress, type Progress, progressLine } from './progress.js';
export { sampleSource } from './sample/index.js';
