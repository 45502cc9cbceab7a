/** How often each value comes up, relative to the others. */
export type Weights = Readonly<Record<string, number>>;

/** What the products of one article type are like: where they stand in the catalogue, and how their values spread. */
export interface Kind {
  masterCategory: string;
  subCategory: string;
  weight: number;
  genders: Weights;
  usages: Weights;
  seasons: Weights;
  years: Weights;
  colours: Weights;
}

/**
 * The article types of the sample. The spreads are those of *Fashion Product Images* in percent; the weights are the square roots of
 * its counts, so that a small sample still has a few of each.
 */
export const kinds = {
  Tshirts: {
    masterCategory: 'Apparel', subCategory: 'Topwear', weight: 84,
    genders: { Men: 74, Women: 16, Boys: 8, Girls: 1 }, usages: { Casual: 86, Sports: 14 },
    seasons: { Summer: 62, Fall: 35, Winter: 1 },
    years: { 2011: 59, 2012: 33, 2010: 5, 2013: 1, 2016: 1, 2015: 1 },
    colours: { White: 16, Black: 15, Blue: 15, Grey: 9, Red: 9, Green: 8, 'Navy Blue': 6, Yellow: 5, Purple: 4, Pink: 4, Orange: 2 },
  },
  Shirts: {
    masterCategory: 'Apparel', subCategory: 'Topwear', weight: 57,
    genders: { Men: 88, Women: 9, Boys: 2 }, usages: { Casual: 72, Formal: 27 },
    seasons: { Fall: 55, Summer: 42, Winter: 2 },
    years: { 2011: 64, 2012: 34, 2013: 1, 2016: 1, 2010: 1 },
    colours: { Blue: 25, White: 16, Black: 10, Red: 8, Purple: 8, Green: 8, 'Navy Blue': 6, Grey: 6, Pink: 3, Brown: 3, Maroon: 2 },
  },
  Kurtas: {
    masterCategory: 'Apparel', subCategory: 'Topwear', weight: 43,
    genders: { Women: 95, Men: 4 }, usages: { Ethnic: 100 },
    seasons: { Summer: 63, Fall: 37 },
    years: { 2012: 62, 2011: 38 },
    colours: { Blue: 13, White: 13, Green: 13, Black: 9, Pink: 7, Red: 7, Brown: 6, Purple: 6, Beige: 4, Cream: 3, Maroon: 3 },
  },
  Tops: {
    masterCategory: 'Apparel', subCategory: 'Topwear', weight: 42,
    genders: { Women: 87, Girls: 13 }, usages: { Casual: 96, Ethnic: 3 },
    seasons: { Summer: 72, Fall: 26, Winter: 1 },
    years: { 2012: 59, 2011: 39, 2010: 1 },
    colours: { White: 15, Pink: 14, Black: 13, Blue: 10, Purple: 7, Green: 6, Red: 5, Grey: 5, Yellow: 4, Peach: 3, 'Navy Blue': 3 },
  },
  Dresses: {
    masterCategory: 'Apparel', subCategory: 'Dress', weight: 22,
    genders: { Women: 84, Girls: 16 }, usages: { Casual: 95, Party: 4 },
    seasons: { Summer: 70, Fall: 27, Winter: 3 },
    years: { 2012: 80, 2011: 20 },
    colours: { Black: 24, Blue: 14, Pink: 12, White: 9, 'Navy Blue': 6, Purple: 5, Red: 5, Grey: 4, Cream: 4, Green: 3, Brown: 2 },
  },
  Sweatshirts: {
    masterCategory: 'Apparel', subCategory: 'Topwear', weight: 17,
    genders: { Men: 78, Women: 21 }, usages: { Casual: 88, Sports: 12 },
    seasons: { Fall: 89, Summer: 9, Winter: 1 },
    years: { 2011: 90, 2012: 7, 2010: 2 },
    colours: { Black: 24, Grey: 22, Blue: 13, 'Navy Blue': 8, Green: 7, Purple: 6, White: 6, Red: 4, Olive: 3, Pink: 2, Brown: 2 },
  },
  Jeans: {
    masterCategory: 'Apparel', subCategory: 'Bottomwear', weight: 25,
    genders: { Men: 55, Women: 37, Boys: 5, Girls: 2 }, usages: { Casual: 100 },
    seasons: { Summer: 59, Fall: 35, Winter: 4, Spring: 2 },
    years: { 2012: 50, 2011: 36, 2013: 5, 2016: 5, 2017: 3 },
    colours: { Blue: 74, Black: 13, 'Navy Blue': 8, Grey: 3 },
  },
  Trousers: {
    masterCategory: 'Apparel', subCategory: 'Bottomwear', weight: 23,
    genders: { Men: 81, Women: 18 }, usages: { Casual: 54, Formal: 45 },
    seasons: { Summer: 54, Fall: 42, Winter: 2, Spring: 2 },
    years: { 2012: 50, 2011: 43, 2013: 6, 2014: 1 },
    colours: { Black: 25, Grey: 17, Brown: 12, Beige: 10, 'Navy Blue': 10, Charcoal: 6, Khaki: 6, Olive: 6, Blue: 2, Cream: 2, Green: 2 },
  },
  Shorts: {
    masterCategory: 'Apparel', subCategory: 'Bottomwear', weight: 23,
    genders: { Men: 71, Women: 13, Boys: 10, Girls: 7 }, usages: { Casual: 65, Sports: 35 },
    seasons: { Summer: 64, Fall: 30, Winter: 5, Spring: 1 },
    years: { 2012: 54, 2011: 35, 2010: 4, 2016: 3, 2013: 2, 2014: 1, 2015: 1 },
    colours: { Black: 24, Blue: 18, 'Navy Blue': 12, White: 11, Grey: 10, Beige: 4, Brown: 3, Pink: 3, Red: 3, Green: 3, Purple: 2 },
  },
  'Track Pants': {
    masterCategory: 'Apparel', subCategory: 'Bottomwear', weight: 17,
    genders: { Men: 71, Women: 28 }, usages: { Sports: 62, Casual: 38 },
    seasons: { Summer: 49, Fall: 48, Winter: 2, Spring: 2 },
    years: { 2011: 52, 2012: 31, 2010: 12, 2013: 4, 2014: 1, 2009: 1 },
    colours: { Black: 38, Grey: 24, 'Navy Blue': 17, Blue: 8, Charcoal: 3, White: 2, Cream: 1, Brown: 1 },
  },
  Skirts: {
    masterCategory: 'Apparel', subCategory: 'Bottomwear', weight: 11,
    genders: { Women: 81, Girls: 19 }, usages: { Casual: 77, Formal: 10, Ethnic: 9, Sports: 4 },
    seasons: { Summer: 74, Fall: 25 },
    years: { 2012: 58, 2011: 41, 2010: 1 },
    colours: { Blue: 26, Black: 17, Pink: 12, Grey: 10, Red: 6, 'Navy Blue': 6, White: 3, Cream: 3, Brown: 3, Green: 2, Charcoal: 2 },
  },
  'Casual Shoes': {
    masterCategory: 'Footwear', subCategory: 'Shoes', weight: 53,
    genders: { Men: 79, Women: 12, Unisex: 8 }, usages: { Casual: 99 },
    seasons: { Summer: 50, Fall: 31, Winter: 15, Spring: 4 },
    years: { 2012: 43, 2011: 33, 2013: 8, 2018: 6, 2015: 4, 2010: 3, 2016: 2, 2014: 1 },
    colours: { Black: 31, Brown: 18, White: 15, Grey: 7, Blue: 6, 'Navy Blue': 5, Red: 5, Green: 3, Olive: 2, Beige: 2, Khaki: 2 },
  },
  'Sports Shoes': {
    masterCategory: 'Footwear', subCategory: 'Shoes', weight: 45,
    genders: { Men: 78, Women: 20, Unisex: 2 }, usages: { Sports: 98, Casual: 2 },
    seasons: { Summer: 59, Fall: 36, Spring: 4 },
    years: { 2011: 53, 2012: 38, 2010: 5, 2013: 3 },
    colours: { White: 44, Black: 27, Grey: 11, Blue: 5, Silver: 4, 'Navy Blue': 2, Red: 2, Brown: 1 },
  },
  'Formal Shoes': {
    masterCategory: 'Footwear', subCategory: 'Shoes', weight: 25,
    genders: { Men: 100 }, usages: { Formal: 95, Casual: 3, 'Smart Casual': 1 },
    seasons: { Summer: 44, Fall: 29, Winter: 25, Spring: 3 },
    years: { 2012: 39, 2011: 30, 2018: 16, 2013: 12, 2015: 2, 2010: 1 },
    colours: { Black: 63, Brown: 34, Tan: 2 },
  },
  Heels: {
    masterCategory: 'Footwear', subCategory: 'Shoes', weight: 36,
    genders: { Women: 100 }, usages: { Casual: 97, Formal: 2 },
    seasons: { Winter: 77, Summer: 16, Fall: 4, Spring: 3 },
    years: { 2012: 51, 2015: 37, 2016: 7, 2013: 3, 2011: 2, 2014: 1 },
    colours: { Black: 26, Brown: 16, Gold: 8, Blue: 7, Beige: 7, White: 6, Silver: 6, Red: 5, Grey: 3, Bronze: 3, Pink: 3 },
  },
  Flats: {
    masterCategory: 'Footwear', subCategory: 'Shoes', weight: 22,
    genders: { Women: 100 }, usages: { Casual: 97, Ethnic: 3 },
    seasons: { Winter: 64, Summer: 18, Fall: 16, Spring: 3 },
    years: { 2012: 62, 2015: 14, 2011: 12, 2013: 5, 2010: 4, 2014: 2, 2016: 1 },
    colours: { Black: 32, Brown: 16, White: 7, Gold: 6, Silver: 6, Beige: 4, Blue: 4, Red: 3, Pink: 3, Grey: 3, Maroon: 3 },
  },
  'Flip Flops': {
    masterCategory: 'Footwear', subCategory: 'Flip Flops', weight: 30,
    genders: { Men: 54, Women: 27, Unisex: 16, Boys: 2 }, usages: { Casual: 99 },
    seasons: { Summer: 51, Fall: 29, Winter: 16, Spring: 4 },
    years: { 2012: 53, 2011: 36, 2013: 7, 2010: 2, 2015: 1, 2014: 1 },
    colours: { Black: 26, Blue: 13, Red: 12, 'Navy Blue': 7, Brown: 7, White: 7, Green: 6, Pink: 5, Grey: 4, Yellow: 4, Purple: 4 },
  },
  Sandals: {
    masterCategory: 'Footwear', subCategory: 'Sandal', weight: 30,
    genders: { Men: 84, Unisex: 10, Girls: 4, Boys: 1 }, usages: { Casual: 98, Sports: 1 },
    seasons: { Summer: 51, Fall: 31, Winter: 13, Spring: 5 },
    years: { 2012: 40, 2011: 32, 2013: 11, 2018: 7, 2015: 3, 2010: 3, 2016: 2, 2014: 1 },
    colours: { Black: 39, Brown: 27, Grey: 6, Blue: 4, 'Navy Blue': 3, Olive: 3, Red: 3, Green: 2, Pink: 2, White: 2, Tan: 2 },
  },
  Watches: {
    masterCategory: 'Accessories', subCategory: 'Watches', weight: 50,
    genders: { Men: 58, Women: 35, Unisex: 6 }, usages: { Casual: 96, Sports: 2 },
    seasons: { Winter: 97, Summer: 3 },
    years: { 2016: 98, 2017: 2 },
    colours: { Black: 39, White: 23, Silver: 11, Steel: 6, Blue: 5, Grey: 3, Pink: 2, Gold: 2, Brown: 2 },
  },
  Handbags: {
    masterCategory: 'Accessories', subCategory: 'Bags', weight: 42,
    genders: { Women: 96, Unisex: 4 }, usages: { Casual: 99 },
    seasons: { Summer: 57, Winter: 36, Fall: 6 },
    years: { 2012: 51, 2015: 36, 2011: 6, 2016: 5, 2010: 1, 2013: 1 },
    colours: { Black: 20, Brown: 17, Blue: 7, Purple: 6, Red: 6, Beige: 6, Pink: 6, Green: 5, Grey: 5, White: 4, Olive: 2 },
  },
  Backpacks: {
    masterCategory: 'Accessories', subCategory: 'Bags', weight: 27,
    genders: { Unisex: 87, Men: 8, Women: 5 }, usages: { Casual: 87, Sports: 11, Travel: 2 },
    seasons: { Summer: 50, Winter: 26, Fall: 18, Spring: 6 },
    years: { 2011: 33, 2012: 26, 2015: 26, 2013: 6, 2016: 5, 2010: 3, 2017: 1, 2018: 1 },
    colours: { Black: 41, Blue: 15, Grey: 10, Red: 10, 'Navy Blue': 5, Green: 4, Pink: 3, Olive: 3, Brown: 2, Purple: 2, Orange: 2 },
  },
  Wallets: {
    masterCategory: 'Accessories', subCategory: 'Wallets', weight: 31,
    genders: { Women: 50, Men: 48, Unisex: 2 }, usages: { Casual: 96, Formal: 3 },
    seasons: { Summer: 53, Winter: 34, Fall: 12 },
    years: { 2012: 48, 2015: 22, 2016: 16, 2011: 13, 2013: 1, 2010: 1 },
    colours: { Black: 33, Brown: 30, Purple: 6, Red: 4, Pink: 4, Blue: 4, Green: 3, Grey: 2, Beige: 2, White: 1 },
  },
  Clutches: {
    masterCategory: 'Accessories', subCategory: 'Bags', weight: 17,
    genders: { Women: 100 }, usages: { Casual: 98 },
    seasons: { Summer: 67, Winter: 26, Fall: 7 },
    years: { 2012: 69, 2015: 24, 2010: 3, 2016: 3 },
    colours: { Black: 28, Gold: 9, Red: 7, Purple: 7, Brown: 6, Silver: 5, Grey: 5, Green: 4, Blue: 4, Maroon: 4, Beige: 4 },
  },
  Sunglasses: {
    masterCategory: 'Accessories', subCategory: 'Eyewear', weight: 33,
    genders: { Men: 56, Women: 30, Unisex: 14 }, usages: { Casual: 99 },
    seasons: { Winter: 97, Summer: 3 },
    years: { 2016: 97, 2017: 3 },
    colours: { Black: 37, Brown: 24, Grey: 7, Gold: 5, Purple: 4, Steel: 4, Blue: 3, Green: 3, Copper: 3, White: 3, Silver: 2 },
  },
  Belts: {
    masterCategory: 'Accessories', subCategory: 'Belts', weight: 29,
    genders: { Men: 67, Women: 32 }, usages: { Casual: 83, Formal: 17 },
    seasons: { Summer: 67, Winter: 19, Fall: 12, Spring: 2 },
    years: { 2012: 53, 2011: 20, 2015: 14, 2016: 6, 2013: 6, 2010: 1 },
    colours: { Black: 41, Brown: 31, Red: 3, White: 3, Beige: 3, Purple: 2, Blue: 2, Olive: 2, Grey: 2, Tan: 2, 'Navy Blue': 2 },
  },
  Ties: {
    masterCategory: 'Accessories', subCategory: 'Ties', weight: 16,
    genders: { Men: 100 }, usages: { Formal: 65, Casual: 34 },
    seasons: { Summer: 84, Fall: 16 },
    years: { 2012: 68, 2011: 29, 2017: 3 },
    colours: { Black: 22, Blue: 18, Red: 11, Maroon: 9, Grey: 9, 'Navy Blue': 7, Purple: 7, Brown: 4, Lavender: 3, White: 2, Yellow: 2 },
  },
  Caps: {
    masterCategory: 'Accessories', subCategory: 'Headwear', weight: 17,
    genders: { Unisex: 50, Men: 40, Women: 9 }, usages: { Casual: 73, Sports: 27 },
    seasons: { Summer: 52, Fall: 42, Winter: 5, Spring: 2 },
    years: { 2012: 48, 2011: 42, 2010: 5, 2013: 2, 2015: 2, 2014: 1 },
    colours: { Black: 28, Blue: 18, Red: 11, White: 10, 'Navy Blue': 9, Grey: 7, Purple: 4, Green: 4, Pink: 2, Beige: 2, Orange: 1 },
  },
  Socks: {
    masterCategory: 'Accessories', subCategory: 'Socks', weight: 26,
    genders: { Men: 78, Women: 12, Unisex: 10 }, usages: { Casual: 73, Sports: 20, Formal: 6 },
    seasons: { Summer: 81, Fall: 17, Winter: 2 },
    years: { 2016: 55, 2011: 19, 2012: 14, 2017: 3, 2010: 3, 2013: 2, 2014: 2, 2015: 2 },
    colours: { Black: 28, White: 24, Grey: 12, 'Navy Blue': 10, Brown: 7, Blue: 5, Beige: 3, Pink: 2, Cream: 2, Red: 2 },
  },
  'Perfume and Body Mist': {
    masterCategory: 'Personal Care', subCategory: 'Fragrance', weight: 25,
    genders: { Men: 54, Women: 45, Unisex: 1 }, usages: { Casual: 100 },
    seasons: { Spring: 100 },
    years: { 2017: 100 },
    colours: { Blue: 17, Black: 16, White: 14, Pink: 8, Green: 7, Silver: 6, Red: 5, Brown: 4, Grey: 4, Gold: 4, Orange: 3 },
  },
  'Nail Polish': {
    masterCategory: 'Personal Care', subCategory: 'Nails', weight: 18,
    genders: { Women: 100 }, usages: { Casual: 100 },
    seasons: { Spring: 99 },
    years: { 2017: 100 },
    colours: { Pink: 25, Brown: 12, Red: 12, Purple: 8, Maroon: 5, Blue: 5, White: 5, Silver: 4, Green: 3, Gold: 3, Orange: 3 },
  },
  Lipstick: {
    masterCategory: 'Personal Care', subCategory: 'Lips', weight: 18,
    genders: { Women: 100 }, usages: { Casual: 100 },
    seasons: { Spring: 97, Summer: 3 },
    years: { 2017: 100 },
    colours: { Brown: 34, Pink: 18, Purple: 16, Red: 16, Maroon: 9, Peach: 2, Magenta: 1 },
  },
} as const satisfies Record<string, Kind>;

export type ArticleType = keyof typeof kinds;
export const articleTypes = Object.keys(kinds) as ArticleType[];
