export { Dataset, type ImagesOptions, imageKeyOf, imageOf, openDataset } from './dataset.js';
export {
  type ExportOptions,
  type Exported,
  type Work,
  copyPart,
  exportDataset,
  exportLineage,
  exportedFile,
} from './export.js';
export { type Manifest, manifestSchema } from './manifest.js';
export type { ImageRecord, Part } from './part.js';
export { type Picture, type Row, rowSchema } from './picture.js';
export { type Completed, type MetadataFormat, checkFolder, completeDataset, existingImages } from './write.js';
