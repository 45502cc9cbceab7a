import type { Product } from '../catalogue/index.js';
import { type Random, randomFrom } from '../work/index.js';
import { type ArticleType, articleTypes, type Kind, kinds, type Weights } from './kinds.js';

/** The pattern of a cloth. */
export type Pattern = 'plain' | 'striped' | 'checked' | 'printed';

/** A product of the sample, with the pattern of its cloth, which no column holds but the drawing shows. */
export interface SampleProduct {
  product: Product & { articleType: ArticleType; baseColour: string };
  pattern: Pattern;
}

/** Higher than every id of the real catalogue. */
const firstId = 1_000_001;

const brands = [
  'Northpine',
  'Tidewell',
  'Ambrook',
  'Varenna Lane',
  'Oakhollow',
  'Lindmoor',
  'Quillstone',
  'Bramfield',
  'Sundrift',
  'Harrowby Vale',
  'Marlowick',
  'Pellerin Coast',
  'Ferncastle',
  'Rookwell',
  'Asterby',
  'Millbrae Row',
  'Corvanta',
  'Dovetree',
  'Kestrelmoor',
  'Saffrani',
];

const patterns: Readonly<Partial<Record<ArticleType, Record<Pattern, number>>>> = {
  Tshirts: { plain: 50, striped: 20, checked: 0, printed: 30 },
  Shirts: { plain: 40, striped: 25, checked: 35, printed: 0 },
  Kurtas: { plain: 50, striped: 10, checked: 0, printed: 40 },
  Tops: { plain: 60, striped: 15, checked: 0, printed: 25 },
  Dresses: { plain: 60, striped: 10, checked: 0, printed: 30 },
  Sweatshirts: { plain: 80, striped: 20, checked: 0, printed: 0 },
  Shorts: { plain: 75, striped: 0, checked: 25, printed: 0 },
  Skirts: { plain: 55, striped: 0, checked: 15, printed: 30 },
  Handbags: { plain: 85, striped: 0, checked: 0, printed: 15 },
  Ties: { plain: 30, striped: 50, checked: 10, printed: 10 },
  Socks: { plain: 60, striped: 40, checked: 0, printed: 0 },
};

const styleWords: Readonly<Record<Pattern, string>> = {
  plain: '',
  striped: 'Striped',
  checked: 'Check',
  printed: 'Printed',
};

/** The word for an article type in product names, where it differs from the type's name. */
const nouns: Readonly<Partial<Record<ArticleType, string>>> = {
  Tshirts: 'T-shirt',
  Shirts: 'Shirt',
  Kurtas: 'Kurta',
  Tops: 'Top',
  Dresses: 'Dress',
  Sweatshirts: 'Sweatshirt',
  Skirts: 'Skirt',
  Watches: 'Watch',
  Handbags: 'Handbag',
  Backpacks: 'Backpack',
  Wallets: 'Wallet',
  Clutches: 'Clutch',
  Belts: 'Belt',
  Ties: 'Tie',
  Caps: 'Cap',
  'Perfume and Body Mist': 'Perfume',
};

/** What a product has to be like. */
interface Wish {
  articleTypes: Weights;
  gender: string;
  usage?: string;
  years: Weights;
}

const mensShoesFrom2013: Wish = {
  articleTypes: { 'Casual Shoes': 55, 'Sports Shoes': 30, 'Formal Shoes': 15 },
  gender: 'Men',
  years: { 2013: 70, 2014: 3, 2015: 12, 2016: 10, 2018: 5 },
};

/**
 * In every 40 products the ones at these places match one of the five queries, so that each query finds something in
 * any sample.
 */
const wishes: ReadonlyMap<number, Wish> = new Map([
  [7, mensShoesFrom2013],
  [19, mensShoesFrom2013],
  [31, mensShoesFrom2013],
  [13, { articleTypes: { 'Sports Shoes': 1 }, gender: 'Women', usage: 'Sports', years: { 2011: 1 } }],
  [27, { articleTypes: { Heels: 1 }, gender: 'Unisex', usage: 'Casual', years: { 2011: 1 } }],
]);

const kindWeights: Weights = Object.fromEntries(
  articleTypes.map((articleType) => [articleType, kinds[articleType].weight]),
);

/** The products of a sample. The same seed makes the same products; a larger sample begins with the smaller one. */
export function sampleProducts(products: number, seed: number): SampleProduct[] {
  return Array.from({ length: products }, (_, index) => sampleProduct(index, randomFrom(seed, 'sample row', index)));
}

function sampleProduct(index: number, random: Random): SampleProduct {
  const wish = wishes.get(index % 40);
  const articleType = pick(wish?.articleTypes ?? kindWeights, random) as ArticleType;
  const kind: Kind = kinds[articleType];
  const gender = wish?.gender ?? pick(kind.genders, random);
  const baseColour = pick(kind.colours, random);
  const pattern = pick(patterns[articleType] ?? { plain: 1 }, random) as Pattern;
  const product: SampleProduct['product'] = {
    id: firstId + index,
    gender,
    masterCategory: kind.masterCategory,
    subCategory: kind.subCategory,
    articleType,
    baseColour,
    season: pick(kind.seasons, random),
    year: Number(pick(wish?.years ?? kind.years, random)),
    usage: wish?.usage ?? pick(kind.usages, random),
  };
  // One row in fifty lacks a value, since some of the real rows do.
  if (!wish && random() < 0.02)
    delete product[(['season', 'year', 'usage'] as const)[Math.floor(random() * 3)] ?? 'usage'];
  const brand = brands[Math.floor(random() * brands.length)];
  const words = [brand, gender, styleWords[pattern], baseColour, nouns[articleType] ?? articleType];
  product.productDisplayName = words.filter((word) => word !== '').join(' ');
  return { product, pattern };
}

function pick(weights: Weights, random: Random): string {
  const entries = Object.entries(weights);
  let rest = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [value, weight] of entries) {
    rest -= weight;
    if (rest < 0) return value;
  }
  return entries.at(-1)?.[0] ?? '';
}
