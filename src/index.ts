import './views/kernel/cells.js';

export {
  type AffineOptions,
  type Applied,
  type Augmented,
  type AugmentOptions,
  affine,
  augmentImage,
  type BrightnessContrastOptions,
  brightnessContrast,
  type CoarseDropoutOptions,
  centerCrop,
  coarseDropout,
  compose,
  type GaussianBlurOptions,
  type GaussianNoiseOptions,
  gaussianBlur,
  gaussianNoise,
  type HueSaturationOptions,
  horizontalFlip,
  hueSaturation,
  type JpegCompressionOptions,
  jpegCompression,
  oneOf,
  type PadOptions,
  pad,
  type ResizeOptions,
  type RotateOptions,
  randomCrop,
  replay,
  resize,
  rotate,
  someOf,
  type Transform,
  toGray,
  verticalFlip,
} from './augment/index.js';
export { type Aws, type AwsClient, type AwsOptions, clients, sdkClient } from './aws/clients.js';
export {
  Catalogue,
  type CatalogueSource,
  type Condition,
  defineSchema,
  type Field,
  type FolderOptions,
  fieldNames,
  folderSource,
  type Plan,
  type Product,
  type ProductOf,
  type Products,
  type Schema,
  type SeedOptions,
  type SeedSummary,
  seedCatalogue,
  type Test,
} from './catalogue/index.js';
export { type Connection, type ConnectOptions, connect } from './connect.js';
export {
  type DuplicateGroup,
  type Embedded,
  type Evaluation,
  evaluate,
  type Filled,
  fillBlanks,
  nearDuplicates,
  type Scored,
  type Similar,
  type Suspect,
  score,
  similar,
  suspectLabels,
} from './curation/index.js';
export { type Dataset, type Manifest, openDataset, type Picture, type Row } from './dataset/index.js';
export { type DecodeOptions, decodeImage, encodeJpeg } from './image/codec.js';
export type { RawImage, Region } from './image/raw-image.js';
export {
  type AttributeEvaluation,
  attributes,
  type HeadOptions,
  type Item,
  loadModel,
  type Model,
  type Prediction,
  type TrainedHead,
  trainHead,
} from './model/index.js';
export {
  type Augmentation,
  type DeadLetter,
  type Job,
  type JobProgress,
  Pipeline,
  type Query,
  queries,
  queryOf,
  type Report,
  type Run,
  type RunOptions,
} from './pipeline/index.js';
export { sampleSource } from './sample/index.js';
export { contactSheet, evaluationReport, show } from './views/index.js';
export { PipelineError } from './work/errors.js';
export type { Failure } from './work/failures.js';
export { type OnProgress, type Progress, progressLine } from './work/progress.js';
