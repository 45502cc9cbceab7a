export { forgetBegun, noteBegun } from './begun.js';
export { type CheckedObjects, checkObjects } from './check-objects.js';
export { claimFolder, readManifest } from './claim.js';
export type { Column, ColumnValue } from './column.js';
export { type Confirm, confirming } from './confirm.js';
export { copyPart, type Work } from './copy.js';
export { type CopyOf, copyOf, type WriteCopyOptions, writeCopy } from './copy-of.js';
export { awsOf, Dataset, type ImagesOptions } from './dataset.js';
export { type ListedDataset, listDatasets } from './datasets.js';
export { derivedFolders, predictionsFolder } from './derived-folders.js';
export { described } from './describe.js';
export { diff, type Queryable } from './diff.js';
export { Difference, type FieldChange, type RowChange } from './difference.js';
export { type Exported, type ExportOptions, exportDataset, exportLineage, exportStream } from './export.js';
export { dataSetFiles } from './files.js';
export { badFolder, checkFolder } from './folder.js';
export { imageOfProduct } from './foreign-image.js';
export { checkFormats, formatNames, formatSchema, type MetadataFormat } from './formats/index.js';
export { type Held, holdFolder } from './hold.js';
export { filesOf, type ImagePlace, imagePlaceOf } from './image-place.js';
export { changed, lastDigest } from './last-digest.js';
export type { LeftOut } from './left-out.js';
export { type Holder, releaseLock, renewLock, takeLock } from './lock.js';
export { type Lineage, type Manifest, manifestSchema } from './manifest.js';
export { digestOf, openDataset, readDataset } from './open.js';
export type { ImageRecord, Part } from './part.js';
export { type Removed, removeDataset } from './remove.js';
export { retraction } from './retract.js';
export { metadataColumns, type Picture, type Row, rowSchema, toRow } from './row.js';
export type { RowCondition } from './row-condition.js';
export { imageKeyOf, imageOf } from './row-image.js';
export {
  type SameItems,
  type Shares,
  type SideSize,
  type SmallClass,
  type Split,
  type SplitFacts,
  type SplitOptions,
  splitColumn,
  type Together,
} from './split/index.js';
export { type Writable, type WriteFormat, type WriteOptions, type Written, writeFormats } from './training/index.js';
export type { View, ViewStep } from './view.js';
export { type Completed, completeDataset } from './write.js';
