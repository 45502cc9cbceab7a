/** @import { Product } from '../../dist/index.js' */

/** @param {readonly string[]} values @param {number} id */
const oneOf = (values, id) => values[id % values.length] ?? '';

/**
 * A product that depends on its id alone, about as large as those of the real catalogue.
 *
 * @param {number} id
 * @returns {Product}
 */
export const generated = (id) => ({
  id,
  gender: oneOf(['Men', 'Women', 'Unisex'], id),
  masterCategory: oneOf(['Apparel', 'Accessories', 'Footwear'], id),
  subCategory: oneOf(['Topwear', 'Bags', 'Shoes', 'Watches'], id),
  articleType: oneOf(['Tshirts', 'Handbags', 'Casual Shoes', 'Watches'], id),
  baseColour: oneOf(['Black', 'White', 'Blue', 'Red'], id),
  season: oneOf(['Summer', 'Winter', 'Fall', 'Spring'], id),
  year: 2010 + (id % 9),
  usage: oneOf(['Casual', 'Formal', 'Sports'], id),
  productDisplayName: `A product of the generated catalogue, number ${id}`,
});

/** A grey JPEG of one pixel. */
export const image = Buffer.from(
  '/9j/2wBDAP////////////////////////////////////////////////////////////////////////////////////' +
    '//wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z',
  'base64',
);
