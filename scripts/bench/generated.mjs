/** A product that depends on its id alone, about as large as those of the real catalogue. */
export const generated = (id) => ({
  id,
  gender: ['Men', 'Women', 'Unisex'][id % 3],
  masterCategory: ['Apparel', 'Accessories', 'Footwear'][id % 3],
  subCategory: ['Topwear', 'Bags', 'Shoes', 'Watches'][id % 4],
  articleType: ['Tshirts', 'Handbags', 'Casual Shoes', 'Watches'][id % 4],
  baseColour: ['Black', 'White', 'Blue', 'Red'][id % 4],
  season: ['Summer', 'Winter', 'Fall', 'Spring'][id % 4],
  year: 2010 + (id % 9),
  usage: ['Casual', 'Formal', 'Sports'][id % 3],
  productDisplayName: `A product of the generated catalogue, number ${id}`,
});

/** The smallest that passes for a JPEG. */
export const image = Buffer.from([0xff, 0xd8, 0xff, 0xff, 0xd9]);
