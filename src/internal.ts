// What the kit's own scripts need beside the public module.
export { resizeImage } from './augment/index.js';
export { clientSettings, ensureBucket, getBytes, identity, list, putBytes, remove } from './aws/index.js';
export {
  columnNames,
  downloadDataset,
  ensureTable,
  factsInWords,
  fashion,
  imageKey,
  imageName,
  parseCorrections,
  RowReport,
  readLabels,
  readSchemaFile,
  StatisticsCounter,
  toItem,
  writeStatistics,
} from './catalogue/index.js';
export { attributesNamed } from './curation/index.js';
export {
  completeDataset,
  exportDataset,
  exportLineage,
  exportStream,
  formatNames,
  metadataColumns,
  toRow,
  writeFormats,
} from './dataset/index.js';
export { encodings } from './image/index.js';
export { openInThisProcess, readModelFiles, shippedModel, train } from './model/index.js';
export {
  assume,
  assumptions,
  augmentedFolder,
  codeParameter,
  definitions,
  deploymentTemplate,
  ensureQueues,
  estimate,
  exportQuery,
  predictionsFolder,
  queueHandler,
  queueName,
  queueUrl,
  readDeadLetters,
  redriveDeadLetters,
  runWorker,
  tasks,
} from './pipeline/index.js';
export {
  drawCharts,
  escapeHtml,
  evaluationBasis,
  evaluationCells,
  evaluationTitles,
  figureText,
  groupsHtml,
  imageMap,
  imagePage,
  mapPage,
  readImages,
  reviewHtml,
  similarHtml,
  suspectsHtml,
  thumbnails,
} from './views/index.js';
export {
  chunked,
  chunks,
  concurrently,
  count,
  messageOf,
  percent,
  plural,
  randomFrom,
  randomInteger,
  replaceFile,
  Tracker,
  visible,
} from './work/index.js';
