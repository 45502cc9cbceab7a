export { Catalogue, Products, type QueryOptions } from './catalogue.js';
export type { Condition, Test } from './condition.js';
export { folderSource } from './folder.js';
export { type Estimate, Plan, plan } from './plan.js';
export { type Field, type Product, fieldNames } from './product.js';
export { productsById } from './read.js';
export { type SeedOptions, type SeedSummary, seedCatalogue } from './seed.js';
export type { CatalogueSource, RowProblem } from './source.js';
export type { Statistics } from './statistics.js';
