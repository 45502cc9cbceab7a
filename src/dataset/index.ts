export { forgetBegun, noteBegun } from './begun.js';
export { claimFolder } from './claim.js';
export { Dataset, type ImagesOptions, imageKeyOf, imageOf, openDataset } from './dataset.js';
export {
  copyPart,
  type Exported,
  type ExportOptions,
  exportDataset,
  exportLineage,
  type Work,
} from './export.js';
export { dataSetFiles } from './files.js';
export { badFolder, checkFolder } from './folder.js';
export { checkFormats, formatNames, formatSchema, type MetadataFormat } from './formats/index.js';
export { type Lineage, type Manifest, manifestSchema } from './manifest.js';
export type { ImageRecord, Part } from './part.js';
export { metadataColumns, type Picture, type Row, rowSchema, toRow } from './row.js';
export { type Completed, completeDataset } from './write.js';
