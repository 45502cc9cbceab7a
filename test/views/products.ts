import type { Picture, Row } from '../../src/dataset/row.js';

/** A row of metadata for a test; what is not given is a man's red summer shoe of 2013. */
export function row(id: Row['id'], more: Partial<Row> = {}): Row {
  return {
    id,
    gender: 'Men',
    masterCategory: 'Footwear',
    subCategory: 'Shoes',
    articleType: 'Sports Shoes',
    baseColour: 'Red',
    season: 'Summer',
    year: 2013,
    usage: 'Sports',
    productDisplayName: `Shoe ${id}`,
    imagePath: `s3://bucket/images/${id}.jpg`,
    ...more,
  };
}

/** A picture whose bytes are no more than a JPEG's first ones. */
export const picture = (id: Row['id'], more: Partial<Row> = {}): Picture => ({
  id,
  row: row(id, more),
  data: Uint8Array.of(0xff, 0xd8, 0xff, Number(id) % 256),
});

/** A name that would run as a script where it is not escaped. */
export const hostile = `</script><script>alert("1")</script> & 'co'`;
