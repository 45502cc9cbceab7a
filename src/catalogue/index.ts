export { Catalogue, type ValueCount } from './catalogue.js';
export {
  type Change,
  ChangeSet,
  type CheckOptions,
  CheckResult,
  type Conflict,
  changedSince,
  parseCorrections,
  type UpdateOptions,
  UpdateResult,
  type Values,
} from './changes/index.js';
export type { ColumnValues, DataTable, TableColumns, TableExpression } from './data-table.js';
export { type AnyProduct, type Entry, fieldValue } from './entry.js';
export { describeTable } from './existing/describe.js';
export { type DescribedField, foundInWords, TableDescription } from './existing/description.js';
export type { UnreadIndex } from './existing/found-schema.js';
export type { IndexFact, KeyFact } from './existing/table-facts.js';
export { allowedFailures, type Failure, Failures } from './failures.js';
export type { FieldType, FieldValue, FieldValueOf } from './field-types/index.js';
export {
  baseName,
  byId,
  extensionOf,
  fileName,
  type IdType,
  idSchema,
  imageKey,
  imageKeys,
  imageName,
  type ProductId,
  stemOf,
  variantKey,
  variantKeys,
} from './id.js';
export type { Layout, TableIndex } from './layout.js';
export { type Field, fashion, fieldNames, type Product } from './product.js';
export { Products, type QueryOptions } from './products.js';
export {
  type AnyCondition,
  type Condition,
  type KnownCondition,
  type ListCondition,
  parseCondition,
  type Test,
} from './query/condition.js';
export type { KeyRange, TablePath } from './query/layout-paths.js';
export { type Access, type Candidate, type Estimate, Plan, plan } from './query/plan.js';
export {
  type Comparison,
  type FieldTest,
  type ListTest,
  matcher,
  type Predicate,
  type PresenceTest,
  type RangeTest,
  type Value,
  type ValueTest,
} from './query/predicate.js';
export { predicateText } from './query/predicate-text.js';
export { productsById } from './query/read.js';
export {
  columnNames,
  columnTypes,
  defineSchema,
  type Fields,
  fieldNameFault,
  type ProductOf,
  type Schema,
  schemaShape,
} from './schema.js';
export { type FolderOptions, folderSource, readSchemaFile } from './source/folder.js';
export { type FileFacts, factsInWords, type RowFormat } from './source/header.js';
export { downloadDataset } from './source/kaggle.js';
export { type Labels, readLabels } from './source/labels.js';
export { type RowReason, RowReport } from './source/row-report.js';
export type { CatalogueSource, RowProblem } from './source/source.js';
export { type Index, toItem } from './store/items.js';
export { attributeOf, idOfItem, keyOfId } from './store/key.js';
export { type SeedOptions, type SeedSummary, seedCatalogue } from './store/seed.js';
export { type Statistics, StatisticsCounter, writeStatistics } from './store/statistics.js';
export { readSchema } from './store/stored-schema.js';
export { ensureTable } from './store/table.js';
export { checkWritable } from './store/writable.js';
