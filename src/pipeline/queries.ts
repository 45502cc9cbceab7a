import { randomCrop, resize, type Transform } from '../augment/index.js';
import type { Condition, Product } from '../catalogue/index.js';
import type { Encoding } from '../image/index.js';
import { didYouMean, PipelineError } from '../work/index.js';

/** What to ask of the catalogue and what to do with it; plain data. */
export interface Query<P = Product> {
  /** For people, and in the manifest. */
  name?: string;
  description?: string;
  where: Condition<P>;
  /** The folder of the bucket to export to. */
  folder: string;
  /** Augmented images to make of the exported ones. */
  augment?: Augmentation;
  /** Whether the vision model infers from the exported images, or how. */
  infer?: boolean | Inference;
}

/** How a model infers from images. */
export interface Inference {
  /** The name of the predictions, which stand beside those of other models; without one they lie in `predictions/`. */
  name?: string;
}

/** How images are augmented, and how many of each are made. */
export interface Augmentation {
  transforms: readonly Transform[];
  /** Different seeds give different pixels; default 0. */
  seed?: number;
  /** Augmented images to make of each; default 1. */
  variants?: number;
  /** What they are encoded as: `jpeg` (the default), `png` or `webp`. */
  format?: Encoding;
  /** Of JPEG or WebP, from 1 to 100; default 90. */
  quality?: number;
}

const maleShoesFrom2012: Condition = { gender: 'Men', subCategory: 'Shoes', year: { gt: 2012 } };

/** A query that the kit knows by name. */
export interface NamedQuery extends Query {
  readonly name: string;
  readonly description: string;
}

/** The queries that the kit knows by name. */
export interface NamedQueries {
  /** 1: men's shoes after 2012. */
  readonly maleShoesFrom2012: NamedQuery;
  /** 2: women's sports footwear of 2011. */
  readonly womanFootwearSports2011: NamedQuery;
  /** 3: unisex casual heels of 2011; none in the real catalogue. */
  readonly unisexHeelsCasual2011: NamedQuery;
  /** 4: men's shoes after 2012, cropped at random and enlarged. */
  readonly maleShoesFrom2012Augmented: NamedQuery;
  /** 5: men's shoes after 2012, labelled by the vision model. */
  readonly maleShoesFrom2012Labelled: NamedQuery;
}

/**
 * The five named queries, in the order of their numbers.
 *
 * @example
 * const sports = await pipeline.run(queries.womanFootwearSports2011);
 */
export const queries: NamedQueries = {
  maleShoesFrom2012: {
    name: 'maleShoesFrom2012',
    description: "Men's shoes after 2012",
    where: maleShoesFrom2012,
    folder: 'query_male_shoes_from_2012_as',
  },
  womanFootwearSports2011: {
    name: 'womanFootwearSports2011',
    description: "Women's sports footwear of 2011",
    where: { gender: 'Women', masterCategory: 'Footwear', usage: 'Sports', year: 2011 },
    folder: 'query_woman_footwear_sports_2011',
  },
  unisexHeelsCasual2011: {
    name: 'unisexHeelsCasual2011',
    description: 'Unisex casual heels of 2011',
    where: { gender: 'Unisex', articleType: 'Heels', usage: 'Casual', year: 2011 },
    folder: 'query_unisex_heels_casual_2011',
  },
  maleShoesFrom2012Augmented: {
    name: 'maleShoesFrom2012Augmented',
    description: "Men's shoes after 2012, each cropped at random to 50x70 and enlarged to 256x256",
    where: maleShoesFrom2012,
    folder: 'query_male_shoes_from_2012_with_albu',
    augment: { transforms: [randomCrop(50, 70), resize(256, 256)], seed: 0 },
  },
  maleShoesFrom2012Labelled: {
    name: 'maleShoesFrom2012Labelled',
    description: "Men's shoes after 2012, labelled by the vision model",
    where: maleShoesFrom2012,
    folder: 'query_male_shoes_from_2012_with_cv',
    infer: true,
  },
};

const namedQueries: readonly NamedQuery[] = Object.values(queries);

/** The number of a named query, from 1; null for any other. */
export function numberOf(query: { name?: string; where: unknown }): number | null {
  const index = namedQueries.findIndex(({ name, where }) => name === query.name && where === query.where);
  return index < 0 ? null : index + 1;
}

/**
 * The named query of a number from 1 to 5 or a name.
 *
 * @throws PipelineError `query.unknown`
 *
 * @example
 * const heels = await pipeline.run(queryOf(3));
 * const shoes = await pipeline.run(queryOf('maleShoesFrom2012'));
 */
export function queryOf(numberOrName: number | string): Query {
  const query = namedQueries[Number(numberOrName) - 1] ?? namedQueries.find(({ name }) => name === numberOrName);
  if (query) return query;
  throw new PipelineError(
    'query.unknown',
    `There is no query '${numberOrName}'.${didYouMean(String(numberOrName), Object.keys(queries))} The ` +
      `queries are ${namedQueries.map(({ name }, i) => `${i + 1} ${name}`).join(', ')}.`,
    { value: numberOrName },
  );
}
