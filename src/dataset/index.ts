export { Dataset, type ImagesOptions, imageKeyOf, openDataset } from './dataset.js';
export { type ExportOptions, type Exported, exportDataset } from './export.js';
export type { Manifest } from './manifest.js';
export type { Picture, Row } from './picture.js';
export { type MetadataFormat, checkFolder, completeDataset, existingImages } from './write.js';
